"""The main runs on the newest supported ansible-core, with the collections of its package `ansible`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lab import client, foreign, upgrading
from tests.lab.drifting import recreate
from tests.lab.hosts import CLUSTER, containers
from tests.lab.play import SECRETS
from tests.lab.traces import leaks
from tests.support.paths import CORES
from tests.support.playbook import PlaybookRun, run_playbook
from tests.support.processes import ProcessWatch
from tests.support.waiting import wait_for

NEWEST = CORES["newest"]
CONTAINER = "wabiz-coreapp-1"
DATA = {"wabiz_uninstall_volumes": CLUSTER}

pytestmark = pytest.mark.skipif(
    not (NEWEST / "ansible-playbook").exists(),
    reason="no .venv-newest: the newest ansible-core needs Python 3.12 or newer, which this machine does not have",
)


def play(verb: str, *arguments: str, extra_vars: Mapping[str, Any] | None = None) -> PlaybookRun:
    """Like tests.lab.play.play, on the newest core; the run must succeed."""
    with ProcessWatch() as watch:
        run = run_playbook(
            f"playbooks/{verb}.yml", extra_vars=extra_vars, arguments=["--diff", *arguments], binaries=NEWEST
        )
    assert leaks(watch, run.output, [SECRETS]) == {}
    return run.succeeded()


def version(binaries: Path) -> str:
    """Return the version of ansible-core in a directory of programs."""
    command = [str(binaries / "python"), "-c", "import ansible.release; print(ansible.release.__version__)"]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.strip()


def test_it_is_another_version() -> None:
    assert version(NEWEST) != version(CORES["oldest"])


def test_check_mode_finds_nothing_to_do(cluster: None) -> None:
    assert play("site", "--check").changed == set()


def test_drift_is_predicted_and_repaired(cluster: None) -> None:
    host = next(node.host for node in client.nodes() if (node.role, node.status) == ("coreapp", "disconnected"))
    recreate(host, CONTAINER, LEFT_BY_HAND="1")
    drifted = containers(host)[CONTAINER]
    drift = {(host, f"container {CONTAINER}")}
    assert play("site", "--check").changed == drift
    assert containers(host)[CONTAINER] == drifted
    assert play("site").changed == drift
    assert containers(host)[CONTAINER] != drifted
    client.settled()


def test_the_status_page(cluster: None, tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    run = play("status", extra_vars={"wabiz_status_file": str(file)})
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["registered"] is True
    assert found["connected_coreapps"]
    assert all(line.strip() in run.stdout for line in found["text"])


def test_the_cluster_is_verified(cluster: None) -> None:
    assert play("verify").changed == set()


@pytest.fixture
def bare(lab: Path) -> Iterator[None]:
    """Hosts without a cluster, before and after the test."""
    upgrading.removed()
    foreign.place()
    play("uninstall", extra_vars=DATA)
    yield
    upgrading.removed()


@pytest.mark.drill
def test_the_life_of_a_cluster(bare: None) -> None:
    """First start of an old version, registration, upgrade, a second shard, removal."""
    old = {**upgrading.INTERVALS, "wabiz_version": upgrading.OLD}
    predicted = play("site", "--check", extra_vars=old).changed
    assert play("site", extra_vars=old).changed == predicted != set()
    play("register", extra_vars=old)
    client.settled(60)
    assert play("site", extra_vars=old).changed == set()
    play("upgrade", extra_vars=upgrading.INTERVALS)
    upgrading.whole()
    play("multiconnect", extra_vars={**upgrading.INTERVALS, "wabiz_shards": 2})
    wait_for("two connected coreapps", lambda: len(client.connected()) == 2, 60)
    predicted = play("uninstall", "--check", extra_vars=DATA).changed
    assert play("uninstall", extra_vars=DATA).changed == predicted
    assert play("uninstall", extra_vars=DATA).changed == set()
