"""Gates that take minutes are started with the first test of a gate; their results are checked last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gates.background import STARTS
from tests.support.background import BackgroundCommand


@pytest.fixture(scope="session", autouse=True)
def background(request: pytest.FixtureRequest, artifact: Path) -> Iterator[dict[str, BackgroundCommand | None]]:
    """Start the gate of each selected test; stop those that are still running afterwards."""
    wanted = [name for name in STARTS for item in request.session.items if f"[{name}]" in item.name]
    runs = {name: STARTS[name](artifact) for name in wanted}
    yield runs
    for run in runs.values():
        if run:
            run.stop()
