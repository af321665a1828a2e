"""upgrade.yml from 2.55.1 to 2.57.2: what it shows, a schema upgrade that fails, a lost controller, the way through."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.lab import client, gateway, upgrading
from tests.lab.hosts import listing, on
from tests.lab.play import play
from tests.lab.traffic import Sender, judge
from tests.lab.upgrading import CLIENTS, NEW, OLD
from tests.support.killing import run_and_kill
from tests.support.playbook import PlaybookRun

# Until all of it has passed within the time of make test.
pytestmark = pytest.mark.drill

Finished = tuple[PlaybookRun, dict[str, Any], dict[str, Any]]

PLAYBOOK = "playbooks/upgrade.yml"
SEED = int(os.environ.get("WABIZ_SEED", "6"))
ALL = {f"{host}/wabiz-{host[:-1].replace('web', 'webapp').replace('core', 'coreapp')}-1" for host in CLIENTS}
BROKEN_OFF = {"wabiz_dbupgrade_env": {"STANDIN_FAULTS": "dbupgrade 40"}}
HEARTBEAT = {"heartbeat_interval": 5, "unhealthy_interval": 30}


@pytest.fixture(scope="module")
def given(cluster_at_first: None, request: pytest.FixtureRequest) -> dict[str, Any]:
    """A registered cluster of the old version with some messages, and the variables that it needs."""
    found = upgrading.old_cluster()
    on("core1", "docker", "exec", "wabiz-coreapp-1", "standinctl", "seed-messages", "20000")
    request.addfinalizer(upgrading.removed)
    return found


def killed_at(point: int, given: dict[str, Any]) -> tuple[int, str]:
    """Kill a run at its n-th task; return number and name of the task that was reached."""
    return run_and_kill(PLAYBOOK, lambda number, _line: number >= point, given)


@pytest.fixture(scope="module")
def finished(given: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """An upgrade whose controller dies at a point by seed, and the one that finishes it, while messages flow."""
    file = tmp_path_factory.mktemp("upgrade") / "report.json"
    with Sender() as sender:
        point = random.Random(SEED).randrange(70, 200)  # noqa: S311 (a repeatable choice)
        print(killed_at(point, given))
        again = {**given, "wabiz_upgrade_take_over": True, "wabiz_upgrade_report_file": str(file)}
        run = play("upgrade", extra_vars=again).succeeded()
    return run, json.loads(file.read_text(encoding="utf-8")), judge(sender)


def test_site_points_to_the_upgrade(given: dict[str, Any]) -> None:
    run = play("site", extra_vars=given).failed()
    assert "Run playbook upgrade.yml" in run.failures[0]["msg"]
    assert run.changed == set()


def test_check_mode_shows_the_plan_and_does_nothing_else(given: dict[str, Any]) -> None:
    before = listing()
    run = play("upgrade", "--check", extra_vars=given).succeeded()
    assert run.changed == set()
    assert listing() == before
    assert f"Upgrade from {OLD} to {NEW}" in run.stdout
    assert "POINT OF NO RETURN: dbupgrade" in run.stdout
    assert "replace wabiz-coreapp-1 (connected)" in run.stdout


def test_it_waits_for_approval(given: dict[str, Any]) -> None:
    run = play("upgrade", extra_vars={**given, "wabiz_upgrade_ask": True, "wabiz_upgrade_approve": OLD}).failed()
    assert f"wabiz_upgrade_approve={NEW}" in run.failures[0]["msg"]
    assert run.changed == set()


def test_a_failed_schema_upgrade_touches_no_node(given: dict[str, Any]) -> None:
    run = play("upgrade", extra_vars={**given, **BROKEN_OFF}).failed()
    story = run.failures[-1]["msg"]
    assert "ended with code 1" in story and "the schema upgrade fails at 40" in story
    assert "run upgrade.yml again" in story
    assert upgrading.versions() == dict.fromkeys(ALL, OLD)
    assert on("core1", "sh", "-c", "stat -c %a /etc/wabiz/wabiz/dbupgrade-*.log") == "600"
    assert upgrading.left_behind() <= {"upgrade.json"}
    client.settled(60)


def test_a_lost_controller_is_made_good(finished: Finished) -> None:
    _run, report, messages = finished
    assert upgrading.versions() == dict.fromkeys(ALL, NEW)
    client.settled(60)
    assert upgrading.left_behind() == set()
    assert gateway.punishable() == []
    assert (messages["lost"], messages["doubled"]) == ([], [])
    assert report["complete"] is True
    assert upgrading.heartbeat() == HEARTBEAT


def test_an_upgrade_to_the_running_version_does_nothing(given: dict[str, Any], finished: Finished) -> None:
    run = play("upgrade", extra_vars=given).succeeded()
    assert run.changed == set()
    assert f"Nothing to do: every node runs {NEW}" in run.stdout


def test_an_older_version_is_refused_afterwards(given: dict[str, Any], finished: Finished) -> None:
    run = play("upgrade", extra_vars={**given, "wabiz_version": OLD}).failed()
    assert run.changed == set()


def test_ten_kill_points(given: dict[str, Any]) -> None:
    """Spread over the tasks by seed; the run after each finishes what it finds."""
    chance = random.Random(SEED)  # noqa: S311 (a repeatable choice)
    for point in range(10):
        fresh = upgrading.old_cluster()
        print(killed_at(30 + int((point + chance.random()) * 30), fresh))
        play("upgrade", extra_vars={**fresh, "wabiz_upgrade_take_over": True}).succeeded()
        assert upgrading.versions() == dict.fromkeys(ALL, NEW)
        assert upgrading.left_behind() == set()
        client.settled(60)
    assert gateway.punishable() == []


def test_the_report_is_written(finished: Finished, tmp_path: Path) -> None:
    run, report, _messages = finished
    assert all(line.strip() in run.stdout for line in report["text"])
