"""uninstall.yml removes everything of the cluster except its data; with the cluster's name its data too."""

from __future__ import annotations

import pytest

from tests.lab import foreign
from tests.lab.foreign import VOLUME
from tests.lab.hosts import CLUSTER, HOSTS, containers, on, shell
from tests.lab.play import announced, play, warned
from tests.support.playbook import PlaybookRun

OURS = f"label=org.wabiz.cluster={CLUSTER}"


def rest(host: str) -> dict[str, list[str]]:
    """Return the objects of the cluster on a host, and all files in the directories where its files were."""
    networks = on(host, "docker", "network", "ls", f"--filter={OURS}", "--format={{.Name}}")
    files = shell(host, "find /etc/wabiz /etc/cron.d/wabiz* 2> /dev/null || true")
    return {
        "containers": sorted(containers(host, OURS)),
        "networks": networks.split(),
        "files": sorted(files.split()),
    }


def volumes() -> set[str]:
    """Return the named volumes on the database's host."""
    names = on("db1", "docker", "volume", "ls", "--format={{.Name}}").split()
    return {name for name in names if len(name) < 64}


@pytest.fixture(scope="module")
def removal(lab: object) -> tuple[set[tuple[str, str]], PlaybookRun]:
    """What check mode predicted, and the run; volumes are kept."""
    foreign.place()
    return announced("uninstall"), play("uninstall").succeeded()


def test_the_run_removes_what_was_predicted(
    removal: tuple[set[tuple[str, str]], PlaybookRun],
) -> None:
    prediction, run = removal
    assert run.changed == prediction
    assert {
        ("core1", "container wabiz-coreapp-1"),
        ("core1", "network wabiz"),
        ("core1", "file /etc/wabiz/wabiz"),
        ("core1", "file /etc/cron.d/wabiz-wabiz"),
        ("core1", "file /etc/wabiz"),
        ("db1", "container wabiz-database"),
    } <= prediction
    assert not prediction & foreign.NEVER_REMOVED
    # Only of what belongs to others.
    assert warned(run, "network wabiz on core2 is kept") == []


@pytest.mark.parametrize("host", HOSTS)
def test_nothing_is_left_on_a_host(removal: object, host: str) -> None:
    remaining = foreign.NEXT_TO_OURS if host == "web1" else []
    assert rest(host) == {"containers": [], "networks": [], "files": remaining}


def test_foreign_objects_are_unchanged(removal: object) -> None:
    foreign.unchanged()


def test_the_data_is_kept(removal: object) -> None:
    assert volumes() == {"wabiz-database", VOLUME}


def test_a_second_run_changes_nothing(removal: object) -> None:
    assert play("uninstall").succeeded().changed == set()


def test_another_clusters_name_removes_no_volume(removal: object) -> None:
    run = play("uninstall", extra_vars={"wabiz_uninstall_volumes": "other"}).failed()
    assert "wabiz_uninstall_volumes: is other, the cluster is wabiz" in run.failures[0]["msg"]
    assert run.changed == set()
    assert volumes() == {"wabiz-database", VOLUME}


@pytest.mark.proves("wabiz_uninstall_volumes")
def test_the_clusters_name_removes_its_volumes(removal: object) -> None:
    named = {"wabiz_uninstall_volumes": "wabiz"}
    assert announced("uninstall", extra_vars=named) == {("db1", "volume wabiz-database")}
    assert play("uninstall", extra_vars=named).succeeded().changed == {("db1", "volume wabiz-database")}
    assert volumes() == {VOLUME}
    foreign.unchanged()
