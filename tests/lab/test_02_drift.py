"""Drift of seven kinds: check mode reports it, and the next run repairs exactly that and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lab import client
from tests.lab.cron import FILE, cleaned
from tests.lab.hosts import HOSTS, containers, on
from tests.lab.play import announced, play
from tests.lab.recreation import creation
from tests.support.playbook import PlaybookRun

CA_FILE = "/etc/wabiz/wabiz/webapp-ca.pem"
DRIFT = {
    ("core1", "container wabiz-coreapp-1"),
    ("core2", "container wabiz-coreapp-1"),
    ("master1", f"copy {FILE}"),
    ("master1", "container wabiz-master-1"),
    ("master2", "container wabiz-master-1"),
    ("web1", "container wabiz-webapp-1"),
    ("web2", f"copy {CA_FILE}"),
}
# What Docker lets one change in a container that runs.
UPDATED = {
    "master1": ("wabiz-master-1", ("network", "disconnect", "wabiz", "wabiz-master-1")),
    "master2": ("wabiz-master-1", ("update", "--memory=512m", "--memory-swap=512m", "wabiz-master-1")),
    "web1": ("wabiz-webapp-1", ("update", "--restart=no", "wabiz-webapp-1")),
}
# Both are set in a container that is recreated by hand: a value that may be shown, and a secret.
OLD_SECRET = "drifted-secret-0123456789"


def recreate(host: str, name: str, **changed: str) -> None:
    """Replace a container by one that differs in its environment only, like a manual change."""
    found = json.loads(on(host, "docker", "inspect", name))[0]
    on(host, "docker", "rm", "--force", name)
    on(host, "docker", "run", "--detach", *creation(found, changed))


def made_of(host: str) -> dict[str, Any]:
    """What the container of UPDATED was made of; its own name for itself, and its addresses, are new each time."""
    found = json.loads(on(host, "docker", "inspect", UPDATED[host][0]))[0]
    config = {key: value for key, value in found["Config"].items() if key != "Hostname"}
    networks = sorted(found["NetworkSettings"]["Networks"])
    return {"config": config, "host": found["HostConfig"], "networks": networks, "running": found["State"]["Running"]}


@pytest.fixture(scope="module")
def as_made(cluster_at_first: None) -> dict[str, dict[str, Any]]:
    """The containers of UPDATED before the drift was made."""
    return {host: made_of(host) for host in UPDATED}


@pytest.fixture(scope="module")
def before(cluster_at_first: None) -> dict[str, dict[str, str]]:
    """Ids of all containers after the drift was made."""
    return {}


@pytest.fixture(scope="module")
def runs(before: dict[str, dict[str, str]], as_made: dict[str, dict[str, Any]]) -> dict[str, PlaybookRun]:
    """Check mode and the run after it, on a cluster with drift."""
    on("core1", "docker", "rm", "--force", "wabiz-coreapp-1")
    recreate("core2", "wabiz-coreapp-1", WA_DB_CONNECTION_IDLE_TIMEOUT="1000", OLD_TOKEN=OLD_SECRET)
    on("master1", "sed", "--in-place", "/cleanup.sh/d", FILE)
    on("web2", "rm", CA_FILE)
    for host, (_name, command) in UPDATED.items():
        on(host, "docker", *command)
        assert made_of(host) != as_made[host]
    before.update({host: containers(host) for host in HOSTS})
    return {"check": play("site", "--check"), "repair": play("site")}


def test_the_run_changes_what_was_predicted(runs: dict[str, PlaybookRun]) -> None:
    assert runs["check"].succeeded().changed == DRIFT
    assert runs["repair"].succeeded().changed == DRIFT


def test_the_difference_is_shown_without_secrets(runs: dict[str, PlaybookRun]) -> None:
    for run in runs.values():
        assert "env.WA_DB_CONNECTION_IDLE_TIMEOUT: 1000 -> 180000" in run.stdout
        assert "env.OLD_TOKEN: ******** (old value) -> (not set)" in run.stdout
        assert OLD_SECRET not in run.output


def test_what_docker_has_changed_in_a_container_is_shown(runs: dict[str, PlaybookRun]) -> None:
    for run in runs.values():
        assert f"memory: {512 * 1024**2} -> 0 (no limit)" in run.stdout
        assert "restart_policy: no -> " in run.stdout
        assert "network.wabiz: (not set) -> " in run.stdout


def test_what_docker_has_changed_in_a_container_is_as_before(
    runs: dict[str, PlaybookRun], as_made: dict[str, dict[str, Any]]
) -> None:
    assert {host: made_of(host) for host in UPDATED} == as_made


def test_other_containers_are_not_touched(runs: dict[str, PlaybookRun], before: dict[str, dict[str, str]]) -> None:
    # A policy and a network are corrected in the container that is there, a limit is not.
    drifted = {"core1", "core2", "master2"}
    assert {host: containers(host) for host in HOSTS if host not in drifted} == {
        host: ids for host, ids in before.items() if host not in drifted
    }


def test_the_repaired_cluster_is_complete(runs: dict[str, PlaybookRun]) -> None:
    client.settled()
    assert announced("site") == set()


def test_the_log_cleanup_finds_the_new_containers(runs: dict[str, PlaybookRun]) -> None:
    """The cron line looks containers up by label when it runs."""
    assert cleaned("core1") == {"wabiz-coreapp-1"}
    assert cleaned("core2") == {"wabiz-coreapp-1"}
