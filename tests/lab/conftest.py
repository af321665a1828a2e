"""The states from which the lab tests start; each is built once, and repaired if a test has broken it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab import faults
from tests.lab import another_site, client, foreign
from tests.lab.hosts import CLUSTER, HOSTS, LAB, containers, on, shell
from tests.lab.play import announced, play
from tests.support.paths import ROOT
from tests.support.playbook import PlaybookRun
from tests.support.waiting import NotInTime, wait_for

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


@dataclass(frozen=True)
class Site:
    """The runs that have made the other site: one with a server that does not answer, the real one, two to register.

    ``plan_file`` is the plan of the real one, ``backup`` a settings backup of the registered cluster.
    """

    stalled: PlaybookRun
    deployed: PlaybookRun
    registered: tuple[PlaybookRun, PlaybookRun]
    plan_file: Path
    backup: Path


@pytest.fixture(scope="session")
def site(lab: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The cluster of another site (tests.lab.another_site), registered; removed at the end, if no test has done it."""
    if any(containers(host, *OUR_NODES) for host in HOSTS if host != "core3"):
        play("uninstall", extra_vars={"wabiz_uninstall_volumes": CLUSTER}).succeeded()
    removed()
    try:
        yield build(tmp_path_factory.mktemp("another-site"))
    finally:
        removed()


def build(directory: Path) -> Site:
    """Deploy and register the other site; its files are kept in a directory."""
    another_site.prepare()
    plan, backup = directory / "plan.json", directory / "backup.json"
    run = another_site.run
    stalled = run("site", wabiz_database_ready_timeout=10, wabiz_database_server_settings={"port": "5999"}).failed()
    # Its first start may not be interrupted.
    log = f"docker logs {another_site.CLUSTER}-database 2>&1"
    wait_for("its files", lambda: "init process complete" in shell(another_site.SERVER, log), 60)
    deployed = run("site", wabiz_plan_file=str(plan)).succeeded()
    first = run("register").succeeded()
    code = on("gateway", "standinctl", "code", "".join(another_site.NUMBER))
    second = run("register", wabiz_registration_code=code).succeeded()
    another_site.served(1)
    run(
        "../tests/lab/backup",
        backup_endpoint=f"https://web1:{another_site.WEB_PORT}",
        backup_directory=another_site.DIRECTORY,
        wabiz_restore_file=str(backup),
        wabiz_restore_password=another_site.BACKUP_PASSWORD,
    ).succeeded()
    return Site(stalled, deployed, (first, second), plan, backup)


def removed() -> None:
    """Remove the other site with its data; does nothing where it is gone."""
    if another_site.there():
        another_site.run("uninstall", wabiz_uninstall_volumes=another_site.CLUSTER).succeeded()
    another_site.cleared()
