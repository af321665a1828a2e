"""Drift of four kinds: check mode reports it, and the next run repairs exactly that and nothing else."""

from __future__ import annotations

import json

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
    ("web2", f"copy {CA_FILE}"),
}
# Both are set in a container that is recreated by hand: a value that may be shown, and a secret.
OLD_SECRET = "drifted-secret-0123456789"


def recreate(host: str, name: str, **changed: str) -> None:
    """Replace a container by one that differs in its environment only, like a manual change."""
    found = json.loads(on(host, "docker", "inspect", name))[0]
    on(host, "docker", "rm", "--force", name)
    on(host, "docker", "run", "--detach", *creation(found, changed))


@pytest.fixture(scope="module")
def before(cluster_at_first: None) -> dict[str, dict[str, str]]:
    """Ids of all containers after the drift was made."""
    return {}


@pytest.fixture(scope="module")
def runs(before: dict[str, dict[str, str]]) -> dict[str, PlaybookRun]:
    """Check mode and the run after it, on a cluster with drift."""
    on("core1", "docker", "rm", "--force", "wabiz-coreapp-1")
    recreate("core2", "wabiz-coreapp-1", WA_DB_CONNECTION_IDLE_TIMEOUT="1000", OLD_TOKEN=OLD_SECRET)
    on("master1", "sed", "--in-place", "/cleanup.sh/d", FILE)
    on("web2", "rm", CA_FILE)
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


def test_other_containers_are_not_touched(runs: dict[str, PlaybookRun], before: dict[str, dict[str, str]]) -> None:
    drifted = {"core1", "core2"}
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
