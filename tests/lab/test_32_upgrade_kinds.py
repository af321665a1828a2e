"""Drills of upgrade.yml on other kinds of clusters: a PostgreSQL database, several shards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.lab import client, gateway, upgrading
from tests.lab.hosts import on
from tests.lab.inventories import Groups, variant
from tests.lab.play import play
from tests.lab.service import unserved
from tests.lab.traffic import Sender, judge
from tests.lab.upgrading import NEW, OLD
from tests.support.paths import LAB_INVENTORY
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

SHARDS = 4
INSTANCES = {"core1": 2, "core2": 2, "core3": 1}


def upgraded(given: dict[str, Any], file: Path, inventory: Path = LAB_INVENTORY) -> tuple[str, dict[str, Any]]:
    """Upgrade under load and return the output and the report; no message may be lost."""
    reported = {**given, "wabiz_upgrade_report_file": str(file)}
    with Sender() as sender:
        run = play("upgrade", inventory=inventory, extra_vars=reported).succeeded()
    messages = judge(sender)
    print(messages)
    assert (messages["lost"], messages["duplicated"]) == ([], [])
    assert set(upgrading.versions().values()) == {NEW}
    assert upgrading.left_behind() == set()
    assert upgrading.heartbeat() == upgrading.HEARTBEAT
    assert gateway.punishable() == []
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert report["complete"] is True
    print("\n".join(report["text"]))
    assert play("upgrade", inventory=inventory, extra_vars=given).succeeded().changed == set()
    return run.stdout, report


@pytest.fixture
def postgresql(lab: Path) -> Iterator[dict[str, Any]]:
    """An old cluster on a PostgreSQL server."""
    yield upgrading.old_cluster({"wabiz_database_engine": "postgresql"})
    upgrading.removed()


def test_on_postgresql(postgresql: dict[str, Any], tmp_path: Path) -> None:
    """No dbupgrade here: the first new primary master migrates, and the report shows how long no shard was served."""
    on("core1", "docker", "exec", "wabiz-coreapp-1", "standinctl", "seed-messages", "300000")
    shown, report = upgraded(postgresql, tmp_path / "report.json")
    assert "POINT OF NO RETURN: replace wabiz-master-1" in shown
    assert "while the first new primary master migrates" in shown
    assert "dbupgrade" not in shown
    client.settled(60)
    assert report["migration"]["predicted_seconds"] == 15.0
    primary = max(node["seconds"] for node in report["nodes"] if node["service"] == "master")
    assert 0 < report["migration"]["seconds"] < primary


@pytest.fixture
def several(lab: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """An old cluster with four shards on five coreapps; two hosts have two coreapps each."""

    def more(groups: Groups) -> None:
        for host, number in INSTANCES.items():
            groups["coreapp"]["hosts"][host]["wabiz_coreapp_instances"] = number

    inventory = variant("upgrade-shards", more)
    given = {**upgrading.old_cluster(), "wabiz_shards": SHARDS}
    play("multiconnect", inventory=inventory, extra_vars={**given, "wabiz_version": OLD}).succeeded()
    yield given, inventory
    upgrading.removed()


def test_four_shards(several: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    given, inventory = several
    began = datetime.now(UTC)
    _shown, report = upgraded(given, tmp_path / "report.json", inventory)
    wait_for("every shard", lambda: len(client.connected()) == SHARDS, 60)
    print("by the gateway", unserved(gateway.events(), began, SHARDS))
    moved = [node for node in report["nodes"] if node["outage_seconds"]]
    assert len(moved) >= SHARDS - 1, report["nodes"]
