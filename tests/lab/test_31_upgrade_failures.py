"""Drills of upgrade.yml's failures: each ends with a cluster that serves, and the next run goes the whole way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab import faults
from tests.lab import client, gateway, upgrading
from tests.lab.hosts import LAB
from tests.lab.inventories import Groups, variant
from tests.lab.play import play
from tests.lab.upgrading import NEW, OLD
from tests.support.playbook import PlaybookRun
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

HEARTBEAT = {"heartbeat_interval": 5, "unhealthy_interval": 30}
# Seconds; a node that never answers is given up soon.
SOON = {"node_ready_timeout": 20, "wabiz_verify_timeout": 40}


@pytest.fixture
def given(cluster: None) -> Iterator[dict[str, Any]]:
    """A registered cluster of the old version, and the variables that it needs."""
    yield upgrading.old_cluster()
    upgrading.removed()


def serves() -> None:
    """One coreapp is connected, nobody is banned, the heartbeat settings are the operator's, the lock is free."""
    wait_for("a connected coreapp", lambda: len(client.connected()) == 1, 60)
    assert gateway.punishable() == []
    assert upgrading.heartbeat() == HEARTBEAT
    assert upgrading.left_behind() <= {"upgrade.json"}


def finish(given: dict[str, Any]) -> None:
    """The next run goes the whole way."""
    play("upgrade", extra_vars=given).succeeded()
    assert set(upgrading.versions().values()) == {NEW}
    assert upgrading.left_behind() == set()
    client.settled(60)


def standing(kind: str) -> str:
    """Return the host of a node: webapp, primary_master, secondary_master, connected or stand-by."""
    if kind == "webapp":
        return "web2"
    if kind in ("connected", "stand-by"):
        wanted = {"connected": "connected", "stand-by": "disconnected"}[kind]
        return next(node.host for node in client.nodes() if (node.role, node.status) == ("coreapp", wanted))
    return next(node.host for node in client.nodes() if node.role == kind)


def story(run: PlaybookRun) -> str:
    """What the last message of a failed run says."""
    return run.failed().failures[-1]["msg"]


@pytest.mark.parametrize("kind", ["webapp", "secondary_master", "primary_master", "stand-by", "connected"])
def test_a_broken_image(given: dict[str, Any], kind: str) -> None:
    host = standing(kind)
    image = "web" if kind == "webapp" else "coreapp"
    upgrading.spoil(host, image)
    try:
        said = story(play("upgrade", extra_vars={**given, **SOON}))
    finally:
        upgrading.unspoil(host, image)
    assert f"{host}/wabiz-" in said and "is stopped and left out" in said, said
    assert f"{host}:/etc/wabiz/wabiz/failed-wabiz-" in said, said
    serves()
    finish(given)


def test_health_never_returns(given: dict[str, Any]) -> None:
    """A stand-by of the new version accepts connections and says nothing."""
    host = standing("stand-by")

    def hang(groups: Groups) -> None:
        groups["coreapp"]["hosts"][host]["coreapp_extra_env"] = {"STANDIN_FAULTS": "hang"}

    said = story(play("upgrade", inventory=variant("hang", hang), extra_vars={**given, **SOON}))
    assert f"{host}/wabiz-coreapp-1 is changed already" in said, said
    serves()
    finish(given)


def test_a_host_becomes_unreachable(given: dict[str, Any]) -> None:
    host = standing("stand-by")
    moment = upgrading.beside(lambda: NEW in upgrading.versions().values(), lambda: faults.cut(LAB, host))
    said = story(play("upgrade", extra_vars={**given, **SOON}))
    moment.join()
    assert "unreachable" in said or host in said, said
    faults.mend(LAB, host)
    serves()
    finish(given)


def test_the_way_back_before_the_schema_is_upgraded(given: dict[str, Any]) -> None:
    """A failed schema upgrade has changed no node; the same playbook with the old version puts the rest in order."""
    broken = {"wabiz_dbupgrade_env": {"STANDIN_FAULTS": "dbupgrade 0"}}
    play("upgrade", extra_vars={**given, **broken}).failed()
    play("upgrade", extra_vars={**given, "wabiz_version": OLD}).succeeded()
    assert set(upgrading.versions().values()) == {OLD}
    assert upgrading.left_behind() == set()
    serves()


def test_heartbeat_settings_that_act_after_a_restart(given: dict[str, Any]) -> None:
    late = {"wabiz_extra_env": {"STANDIN_TIME_SCALE": "4", "STANDIN_INTERVALS": "after_restart"}}
    play("upgrade", extra_vars={**given, **late}).succeeded()
    assert set(upgrading.versions().values()) == {NEW}
    serves()
    assert play("upgrade", extra_vars={**given, **late}).succeeded().changed == set()
