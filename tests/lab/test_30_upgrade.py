"""upgrade.yml from 2.55.1 to 2.57.2 under load on one cluster, with one failure of each kind after another.

Each run continues where the one before has stopped, and the last one finishes. In make test these are a failed schema
upgrade and a lost controller; the other failures, and all of them on PostgreSQL, are drills. Broken images at the other
kinds of node and more points at which the run is killed: test_31_upgrade_failures.py.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import faults
from tests.lab import gateway, upgrading
from tests.lab.hosts import LAB, containers, listing, on
from tests.lab.inventories import Groups, variant
from tests.lab.play import play
from tests.lab.traffic import Sender, judge
from tests.lab.upgrading import NEW, OLD, SOON, reason

SEED = int(os.environ.get("WABIZ_SEED", "6"))


@pytest.fixture(scope="module", params=["mysql", pytest.param("postgresql", marks=pytest.mark.drill)])
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database; on PostgreSQL the first new primary master upgrades the schema."""
    return str(request.param)


@pytest.fixture(scope="module")
def given(lab: Path, database: str) -> Iterator[dict[str, Any]]:
    """A registered cluster of the old version with some messages, and the variables that it needs."""
    found = upgrading.old_cluster({"wabiz_database_engine": database})
    on("core1", "docker", "exec", "wabiz-coreapp-1", "standinctl", "seed-messages", "20000")
    yield found
    upgrading.removed()


@pytest.fixture(scope="module")
def sender(given: dict[str, Any]) -> Iterator[Sender]:
    """A client that sends messages during all tests."""
    with Sender() as client:
        yield client


def standby() -> str:
    """Return the host of the standby of the old version that is replaced first."""
    running = upgrading.versions()
    return next(host for host in upgrading.standing("standby") if running[f"{host}/wabiz-coreapp-1"] == OLD)


def test_check_mode_shows_the_plan_and_does_nothing_else(given: dict[str, Any], database: str) -> None:
    before = listing()
    run = play("upgrade", "--check", extra_vars=given).succeeded()
    assert run.changed == set()
    assert listing() == before
    assert f"Upgrade from {OLD} to {NEW}" in run.stdout
    point = {"mysql": "dbupgrade", "postgresql": "replace wabiz-master-1 (secondary)"}[database]
    assert f"POINT OF NO RETURN: {point}" in run.stdout
    assert "replace wabiz-coreapp-1 (connected)" in run.stdout


def test_a_failed_schema_upgrade_touches_no_node(given: dict[str, Any], database: str, sender: Sender) -> None:
    if database == "postgresql":
        pytest.skip("there is no dbupgrade")
    failing = {"wabiz_dbupgrade_env": {"STANDIN_FAULTS": "dbupgrade 40"}}
    said = reason(play("upgrade", extra_vars={**given, **failing}))
    assert "ended with code 1" in said and "the schema upgrade fails at 40" in said
    assert "run upgrade.yml again" in said
    assert upgrading.versions() == dict.fromkeys(upgrading.ALL, OLD)
    assert on("core1", "sh", "-c", "stat -c %a /etc/wabiz/wabiz/dbupgrade-*.log") == "600"
    upgrading.serves()


@pytest.mark.drill
def test_a_broken_image(given: dict[str, Any], database: str, sender: Sender) -> None:
    """At the second webapp; the first one runs the new version by then. With the old schema it is rolled back."""
    upgrading.spoil("web2", "web")
    try:
        said = reason(play("upgrade", extra_vars={**given, **SOON}))
    finally:
        upgrading.unspoil("web2", "web")
    outcome = {
        "mysql": "is stopped and stays out of service",
        "postgresql": f"was rolled back to version {OLD}",
    }
    assert f"web2/wabiz-webapp-1 {outcome[database]}" in said, said
    assert "web2:/etc/wabiz/wabiz/failed-wabiz-webapp-1.log" in said, said
    assert upgrading.versions()["web1/wabiz-webapp-1"] == NEW
    upgrading.serves()


@pytest.mark.drill
def test_a_host_becomes_unreachable(given: dict[str, Any], sender: Sender) -> None:
    """The host of a standby, during its replacement."""
    host = standby()
    before = containers(host)["wabiz-coreapp-1"]
    replaced = upgrading.meanwhile(
        lambda: containers(host).get("wabiz-coreapp-1") != before, lambda: faults.cut(LAB, host), 600
    )
    try:
        said = reason(play("upgrade", extra_vars=given))
        replaced.join()
    finally:
        faults.reconnect(LAB, host)
    assert host in said, said
    upgrading.serves()


@pytest.mark.drill
def test_health_never_returns(given: dict[str, Any], sender: Sender) -> None:
    """A standby of the new version accepts connections and never answers."""
    host = standby()

    def hang(groups: Groups) -> None:
        groups["coreapp"]["hosts"][host]["wabiz_coreapp_extra_env"] = {"STANDIN_FAULTS": "hang"}

    said = reason(play("upgrade", inventory=variant("hang", hang), extra_vars={**given, **SOON}))
    assert f"{host}/wabiz-coreapp-1 was already changed" in said, said
    upgrading.serves()


def test_the_next_run_finishes_after_a_lost_controller(given: dict[str, Any], sender: Sender, tmp_path: Path) -> None:
    """The run is killed at a point chosen by seed, after the plan and before the end; the next run finishes."""
    point = random.Random(SEED).randrange(70, 160)  # noqa: S311 (a repeatable choice)
    print(upgrading.killed_at(point, given))
    file = tmp_path / "report.json"
    again = {**given, "wabiz_take_over": True, "wabiz_upgrade_report_file": str(file)}
    run = play("upgrade", extra_vars=again).succeeded()
    upgrading.whole()
    report = json.loads(file.read_text(encoding="utf-8"))
    assert report["complete"] is True
    assert all(line.strip() in run.stdout for line in report["text"])


def test_no_accepted_message_was_lost_or_duplicated(sender: Sender) -> None:
    sender.stop()
    messages = judge(sender)
    print(messages)
    assert messages["accepted"] > 0
    assert (messages["lost"], messages["duplicated"]) == ([], [])
    assert gateway.punishable() == []


def test_an_upgrade_to_the_running_version_does_nothing(given: dict[str, Any]) -> None:
    run = play("upgrade", extra_vars=given).succeeded()
    assert run.changed == set()
    assert f"Nothing to do: every node runs {NEW}" in run.stdout
