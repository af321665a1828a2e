"""One pytest run is the whole of `make test`: its order, the stop before expensive tests, and the clean-up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.collection import build, install
from tests.support.paths import BUILD, LAB_INVENTORY, ROOT

# Quick tests first; tests without a matching prefix come last among those of the same cost.
_ORDER = (
    "tests/gates/test_hygiene",
    "tests/gates/test_lint",
    "tests/unit",
    "tests/standin",
    "tests/integration",
    "tests/gates",
)
_NEEDS = ("docker", "lab")

# A busy machine is not a failure: no test has a deadline.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Handle SIGTERM like an interrupt, so that everything that the run has started is cleaned up."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the lab, give those that need an engine their images, and sort by cost."""
    for item in items:
        if _path(item).startswith(("tests/lab", "tests/molecule")):
            item.add_marker("lab")
        # A function's parameter sets share one list of fixtures.
        names = item.fixturenames if isinstance(item, pytest.Function) and item.get_closest_marker("docker") else None
        if names is not None and "standin_images" not in names:
            names.insert(0, "standin_images")
    items.sort(key=lambda item: (_cost(item), _rank(item)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    """Stop before more expensive tests when a cheaper one has failed."""
    result = yield
    if nextitem and _cost(nextitem) > _cost(item) and item.session.testsfailed:
        item.session.shouldfail = f"a cheaper test failed: tests with {_NEEDS[_cost(nextitem) - 1]} are not started"
    return result


def _path(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).as_posix()


def _rank(item: pytest.Item) -> int:
    if item.get_closest_marker("background"):
        return len(_ORDER) + 1
    path = _path(item)
    return next((rank for rank, prefix in enumerate(_ORDER) if path.startswith(prefix)), len(_ORDER))


def _cost(item: pytest.Item) -> int:
    """Return 0 for a test that needs nothing, 1 for one that needs a Docker engine, 2 for one that needs the lab.

    Gates that run in the background need no other test; their results are checked last, when most of them are done.
    """
    if item.get_closest_marker("background"):
        return len(_NEEDS)
    return next((cost for cost, need in enumerate(_NEEDS, 1) if item.get_closest_marker(need)), 0)


@pytest.fixture(scope="session")
def artifact() -> Path:
    """Return the collection's tarball, built from the working tree."""
    return build(BUILD / "artifact")


@pytest.fixture(scope="session")
def installed(artifact: Path) -> Path:
    """Return a collections path into which the tarball was installed, as a user would."""
    return install(artifact, BUILD / "installed")


def _make(*arguments: str) -> None:
    # The same time scale as `make lab-up`, which is that of the lab's inventory.
    environment = {"STANDIN_TIME_SCALE": "4", **os.environ}
    subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, env=environment, check=True)


@pytest.fixture(scope="session")
def engine() -> Iterator[None]:
    """Make sure that a Docker engine answers; afterwards stop it if it was started for this run."""
    try:
        _make("lab", "engine")
        yield
    finally:
        _make("lab", "engine-stop")


@pytest.fixture(scope="session")
def standin_images(engine: None) -> None:
    """Build every image that the lab and the tests use; unchanged ones come from the cache."""
    _make("lab", "images")


@pytest.fixture(scope="session")
def lab(standin_images: None) -> Iterator[Path]:
    """Start fresh lab hosts and return their inventory; they are removed afterwards.

    With WABIZ_KEEP_LAB set, running hosts are used as they are and are left running.
    """
    keep = bool(os.environ.get("WABIZ_KEEP_LAB"))
    try:
        if not keep:
            _make("lab", "down")
        _make("lab", "up", "--inventory", str(LAB_INVENTORY))
        yield LAB_INVENTORY
    finally:
        if not keep:
            _make("lab", "down")
