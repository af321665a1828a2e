"""The states from which the lab tests start; each is built once, and repaired if a test has broken it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import faults
from tests.lab import client, foreign
from tests.lab.hosts import CLUSTER, HOSTS, LAB, containers, on, shell
from tests.lab.play import announced, play
from tests.support.paths import ROOT
from tests.support.waiting import NotInTime

OUR_NODES = ("label=org.wabiz.node", f"label=org.wabiz.cluster={CLUSTER}")
EXPECTED = {"wabiz-webapp-1", "wabiz-master-1", "wabiz-coreapp-1"}
_SUSPECT = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Record that a failed test may have left anything behind."""
    report = yield
    if report.failed:
        item.config.stash[_SUSPECT] = True
    return report


@pytest.fixture(scope="session")
def bare_hosts(lab: Path) -> None:
    """Hosts on which nothing was ever deployed, with foreign objects; kept hosts are created again."""
    if has_engine("core3") or any(containers(host) for host in HOSTS if host != "core3"):
        for verb in ("down", "up"):
            subprocess.run([sys.executable, "-m", "lab", verb], cwd=ROOT, check=True)
    foreign.place(new_hosts=True)


@pytest.fixture(scope="module", autouse=True)
def foreign_objects_are_unchanged() -> Iterator[None]:
    """The tests of a file may not change foreign objects."""
    yield
    foreign.unchanged()


def has_engine(host: str) -> bool:
    """Return whether Docker is installed; one lab host starts without."""
    return bool(shell(host, "command -v docker || true"))


def ensure(config: pytest.Config) -> None:
    """Build the lab inventory's cluster, registered and complete, or repair it."""
    if not config.stash.get(_SUSPECT, False):
        try:
            client.settled(30 if client.nodes() else 0)
            return
        except NotInTime:
            pass
    for host in HOSTS:
        faults.reconnect(LAB, host)
        surplus = containers(host, *OUR_NODES).keys() - EXPECTED if has_engine(host) else ()
        for name in surplus:
            on(host, "docker", "rm", "--force", name)
    foreign.place()
    play("site").succeeded()
    if "primary_master unregistered" in client.roles():
        play("register").succeeded()
    client.settled(120)
    config.stash[_SUSPECT] = False


@pytest.fixture
def cluster(lab: Path, request: pytest.FixtureRequest) -> None:
    """The lab inventory's cluster, registered and complete, at the start of a test."""
    ensure(request.config)


@pytest.fixture(scope="module")
def cluster_at_first(lab: Path, request: pytest.FixtureRequest) -> None:
    """The same at the start of a file, for states that its tests share."""
    ensure(request.config)


@pytest.fixture(scope="session")
def removal_plan(lab: Path, request: pytest.FixtureRequest) -> set[tuple[str, str]]:
    """What uninstall.yml would remove of the lab inventory's cluster, according to check mode."""
    ensure(request.config)
    return announced("uninstall")
