"""Markers of the stand-in's tests, and a primary master to play with."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.standin.primary import World, world


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker of tests that start containers in the local engine."""
    config.addinivalue_line("markers", "docker: starts containers of the stand-in's images in the local engine")


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[World], Awaitable[None]]], None]:
    """Runs a scene."""

    def run(scene: Callable[[World], Awaitable[None]]) -> None:
        async def main() -> None:
            async with world(tmp_path / "numbers.json", monkeypatch) as there:
                await scene(there)

        asyncio.run(main())

    return run
