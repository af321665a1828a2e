"""upgrade.yml from 2.55.1 to 2.57.2 under load on one cluster, with one failure of each kind after another.

Each run continues where the one before has stopped, and the last one finishes. The failures, and all of it on
PostgreSQL, are drills. Broken images at the other kinds of node, more kill points: test_31_upgrade_failures.py.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lab import faults
from standin.common.sealing import unseal
from tests.lab import administrator, gateway, upgrading
from tests.lab.hosts import LAB, containers, listing, on
from tests.lab.inventories import Groups, variant
from tests.lab.play import play, warned
from tests.lab.traffic import Sender, judge
from tests.lab.upgrading import NEW, OLD, SOON, reason
from tests.support.killing import kill_at, spread
from tests.support.paths import ROOT
from tests.support.variables import LAB_VARIABLES
from tests.support.waiting import wait_for

IDLE = 120000
MESSAGES = 20000
SECONDS_TO_START = 15
BACKUP_PASSWORD = "Upgrade-9-backup"
HOOK = ROOT / "tests" / "lab" / "database_backup.yml"
MEDIA = [f"/usr/local/wamedia/{name}" for name in ("incoming", "outgoing", "shared")]
SEED = int(os.environ.get("WABIZ_SEED", "6"))


@pytest.fixture(scope="module", params=["mysql", pytest.param("postgresql", marks=pytest.mark.drill)])
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database; on PostgreSQL the first new primary master upgrades the schema."""
    return str(request.param)


@pytest.fixture(scope="module")
def given(lab: Path, database: str) -> Iterator[dict[str, Any]]:
    """A registered cluster of the old version with some messages, and the variables that it needs."""
    found = upgrading.old_cluster({"wabiz_database_engine": database, "wabiz_database_idle_timeout": IDLE})
    on("core1", "docker", "exec", "wabiz-coreapp-1", "standinctl", "seed-messages", str(MESSAGES))
    yield found
    upgrading.removed()


@pytest.fixture(scope="module")
def sender(given: dict[str, Any]) -> Iterator[Sender]:
    """A client that sends messages during all tests."""
    with Sender() as client:
        yield client


def lifetime_at_start(host: str) -> float:
    """Return how many seconds a host's master had existed when it was started last."""
    times = on(host, "docker", "inspect", "--format", "{{.Created}} {{.State.StartedAt}}", "wabiz-master-1").split()
    created, started = (datetime.fromisoformat(time[:26].rstrip("Z") + "+00:00") for time in times)
    return (started - created).total_seconds()


def standby() -> str:
    """Return the host of the standby of the old version that is replaced first."""
    running = upgrading.versions()
    return next(host for host in upgrading.standing("standby") if running[f"{host}/wabiz-coreapp-1"] == OLD)


@pytest.mark.proves("wabiz_upgrade_rows_per_second")
def test_check_mode_shows_the_plan_and_does_nothing_else(given: dict[str, Any], database: str) -> None:
    before = listing()
    run = play("upgrade", "--check", extra_vars={**given, "wabiz_upgrade_rows_per_second": 100}).succeeded()
    assert "20000 messages, 100 rows/s assumed" in run.stdout
    assert run.changed == set()
    assert listing() == before
    assert f"Upgrade from {OLD} to {NEW}" in run.stdout
    point = {"mysql": "dbupgrade", "postgresql": "replace wabiz-master-1 (secondary)"}[database]
    assert f"POINT OF NO RETURN: {point}" in run.stdout
    assert "replace wabiz-coreapp-1 (connected)" in run.stdout


@pytest.mark.proves("wabiz_upgrade_ask")
def test_an_upgrade_waits_for_approval(given: dict[str, Any]) -> None:
    run = play("upgrade", extra_vars={**given, "wabiz_upgrade_ask": True, "wabiz_upgrade_approve": OLD}).failed()
    assert f"wabiz_upgrade_approve={NEW}" in run.failures[0]["msg"]
    assert run.changed == set()


@pytest.mark.drill
@pytest.mark.proves(
    *("wabiz_upgrade_approve", "wabiz_dbupgrade_env", "wabiz_backup_directory", "wabiz_backup_password"),
    "wabiz_database_backup_tasks",
)
def test_a_failed_schema_upgrade_touches_no_node(
    given: dict[str, Any], database: str, sender: Sender, tmp_path: Path
) -> None:
    """By then the settings and the database are saved, on the controller too, with a password of their own."""
    if database == "postgresql":
        pytest.skip("there is no dbupgrade")
    failing = {"wabiz_dbupgrade_env": {"STANDIN_FAULTS": "dbupgrade 40"}}
    approved = {"wabiz_upgrade_ask": True, "wabiz_upgrade_approve": NEW, "wabiz_database_backup_tasks": str(HOOK)}
    saved = {"wabiz_backup_directory": str(tmp_path), "wabiz_backup_password": BACKUP_PASSWORD}
    said = reason(play("upgrade", extra_vars={**given, **failing, **approved, **saved}))
    (copy,) = tmp_path.iterdir()
    backup = json.loads(copy.read_text(encoding="utf-8"))
    assert copy.stat().st_mode & 0o777 == 0o600
    assert unseal(backup["data"], BACKUP_PASSWORD)["account"]["phone_number"] == LAB_VARIABLES["wabiz_phone_number"]
    assert int(on("db1", "stat", "--format=%s", "/var/backups/wabiz-before.sql")) > 0
    assert "ended with code 1" in said and "the schema upgrade fails at 40" in said
    assert "run upgrade.yml again" in said
    assert upgrading.versions() == dict.fromkeys(upgrading.ALL, OLD)
    assert on("core1", "sh", "-c", "stat -c %a /etc/wabiz/wabiz/dbupgrade-*.log") == "600"
    upgrading.serves()


@pytest.mark.drill
@pytest.mark.proves("wabiz_dbupgrade_timeout", "wabiz_upgrade_gc")
def test_a_schema_upgrade_that_takes_too_long(given: dict[str, Any], database: str, sender: Sender) -> None:
    """It waits for a database that is not there. Old messages are removed before."""
    if database == "postgresql":
        pytest.skip("there is no dbupgrade")
    waiting = {"wabiz_dbupgrade_env": {"WA_DB_HOSTNAME": "192.0.2.1"}, "wabiz_dbupgrade_timeout": 4}
    try:
        said = reason(play("upgrade", extra_vars={**given, **waiting, "wabiz_upgrade_gc": True, **upgrading.COLLECTED}))
    finally:
        # The next run would wait for it.
        on("core1", "docker", "rm", "--force", "wabiz-dbupgrade")
    assert "is still running after 4 s" in said
    # Nothing else was asked for, and the schema was about to change.
    (dump,) = upgrading.dumps()
    assert f"before the upgrade from {OLD} to {NEW}" in on("db1", "cat", f"{upgrading.DUMPS}/{dump}/manifest.json")
    assert int(administrator.sql("SELECT COUNT(*) FROM wabiz_waent.messages")) < MESSAGES
    assert upgrading.versions() == dict.fromkeys(upgrading.ALL, OLD)


@pytest.mark.drill
@pytest.mark.proves(
    "wabiz_upgrade_heartbeat_interval", "wabiz_upgrade_unhealthy_interval", "wabiz_upgrade_database_backup"
)
def test_a_broken_image(given: dict[str, Any], database: str, sender: Sender) -> None:
    """At the second webapp; the first one runs the new version by then. With the old schema it is rolled back."""
    upgrading.spoil("web2", "web")
    saved = upgrading.dumps()
    try:
        with upgrading.Intervals() as intervals:
            said = reason(play("upgrade", extra_vars={**given, **SOON, "wabiz_upgrade_database_backup": False}))
    finally:
        upgrading.unspoil("web2", "web")
    assert upgrading.dumps() == saved
    assert tuple(upgrading.INTERVALS.values()) in intervals.seen
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


@pytest.mark.drill
def test_a_lost_controller(given: dict[str, Any], sender: Sender) -> None:
    """The run is killed at a point chosen by seed, after the plan and before the end."""
    (point,) = spread(70, 160, 1, SEED)
    print(kill_at("playbooks/upgrade.yml", point, given))


@pytest.mark.proves(
    *("wabiz_version", "wabiz_upgrade_report_file", "wabiz_upgrade_restart_masters", "wabiz_upgrade_ownership_fix"),
    "wabiz_database_idle_timeout",
)
def test_the_last_run_finishes(given: dict[str, Any], database: str, sender: Sender, tmp_path: Path) -> None:
    """It restarts no master for the sake of the heartbeat, and changes the owner of the media, as the site wants."""
    file = tmp_path / "report.json"
    inside = ["docker", "exec", "wabiz-webapp-1"]
    on("web1", *inside, "chown", "-R", "1000", *MEDIA)
    last = {
        **given,
        "wabiz_take_over": True,
        "wabiz_upgrade_report_file": str(file),
        "wabiz_upgrade_restart_masters": False,
        "wabiz_upgrade_ownership_fix": True,
    }
    run = play("upgrade", extra_vars=last).succeeded()
    upgrading.whole()
    # The run does not wait for it.
    owners = [*inside, "stat", "--format=%u", *MEDIA]
    wait_for("media owned by root", lambda: on("web1", *owners).split() == ["0"] * len(MEDIA), limit=60)
    assert max(lifetime_at_start(host) for host in ("master1", "master2")) < SECONDS_TO_START
    if database == "mysql":
        environment = on("core1", "docker", "exec", "wabiz-coreapp-1", "printenv", "WA_DB_CONNECTION_IDLE_TIMEOUT")
        assert environment == str(IDLE)
    report = json.loads(file.read_text(encoding="utf-8"))
    assert report["complete"] is True
    assert all(line.strip() in run.stdout for line in report["text"])
    assert warned(run) == []


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
