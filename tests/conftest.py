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

from tests.support.background import SLOW_TESTS, BackgroundCommand
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
# The same time scale as `make lab-up`, which is that of the lab's inventory.
_SCALE = {"STANDIN_TIME_SCALE": "4"}
# Seconds from the start of the run.
_IMAGES_LIMIT = 1800

# A busy machine is not a failure: no test has a deadline.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Handle SIGTERM like an interrupt, so that everything that the run has started is cleaned up."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, Any, Any]:
    """Mark the tests that need the lab, give those that need an engine their images, and sort by cost.

    Slow tests that a selected gate runs in the background are not run twice.
    """
    for item in items:
        if _path(item).startswith(("tests/lab", "tests/molecule")):
            item.add_marker("lab")
        # A function's parameter sets share one list of fixtures.
        names = item.fixturenames if isinstance(item, pytest.Function) and item.get_closest_marker("docker") else None
        if names is not None and "standin_images" not in names:
            names.insert(0, "standin_images")
    items.sort(key=lambda item: (_cost(item), _rank(item)))
    result = yield
    if any(SLOW_TESTS in item.name for item in items):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
    return result


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
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the collection's tarball, built from the working tree; the tests in the background have their own."""
    return build(tmp_path_factory.mktemp("artifact"))


@pytest.fixture(scope="session")
def installed(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a collections path into which the tarball was installed, as a user would."""
    return install(artifact, tmp_path_factory.mktemp("installed"))


def _make(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, env={**_SCALE, **os.environ}, check=True)


@pytest.fixture(scope="session")
def engine() -> Iterator[None]:
    """Make sure that a Docker engine answers; afterwards stop it if it was started for this run."""
    try:
        _make("lab", "engine")
        yield
    finally:
        _make("lab", "engine-stop")


@pytest.fixture(scope="session", autouse=True)
def images_ahead(request: pytest.FixtureRequest) -> Iterator[BackgroundCommand | None]:
    """Build images while tests run that need none."""
    if not any(_cost(item) > 0 and not item.get_closest_marker("background") for item in request.session.items):
        yield None
        return
    try:
        request.getfixturevalue("engine")
    except subprocess.CalledProcessError:
        yield None  # tests that need the engine report it, the others are run without
        return
    build_images = BackgroundCommand(
        [sys.executable, "-m", "lab", "images"], BUILD / "images.log", ROOT, {**_SCALE, **os.environ}
    )
    yield build_images
    build_images.stop()


@pytest.fixture(scope="session")
def standin_images(engine: None, images_ahead: BackgroundCommand | None) -> None:
    """Build every image that the lab and the tests use; unchanged ones come from the cache."""
    if images_ahead:
        images_ahead.wait(_IMAGES_LIMIT)
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
