"""The connected coreapp fails in four ways: another takes over in time, and two are never connected at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from lab.cli import main as lab_cli
from tests.lab import client, gateway
from tests.lab.hosts import on
from tests.lab.play import announced, play
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

CONTAINER = "wabiz-coreapp-1"


def scaled(seconds: float) -> float:
    """Convert seconds of the real client to the time scale of the stand-in, read from its environment."""
    environment = json.loads(on("web1", "docker", "inspect", "--format", "{{json .Config.Env}}", "wabiz-webapp-1"))
    values = dict(entry.split("=", 1) for entry in environment)
    return seconds / float(values.get("STANDIN_TIME_SCALE", 1))


def heartbeat_limit() -> float:
    """Return seconds: twice the unhealthy_interval, and 2."""
    return scaled(2 * 30) + 2


def database_limit() -> float:
    """Return seconds: two minutes without heartbeat, checked each minute, and the same for a failed successor."""
    return scaled(4 * 60) + 10


def takeover(fault: Callable[[str], object], limit: float) -> tuple[str, gateway.Event]:
    """Let the connected coreapp fail; return its host, and its successor's connection as the gateway saw it."""
    (owner,) = client.connected()
    seen = len(gateway.events())
    began = datetime.now(UTC)
    fault(owner)

    def successor() -> gateway.Event | None:
        new = [event for event in gateway.events()[seen:] if event["event"] == "connected"]
        return next((event for event in new if not event["node"].startswith(f"{owner}:")), None)

    event = wait_for("a successor", successor, limit + 10)
    took = (datetime.fromisoformat(event["time"]) - began).total_seconds()
    print(f"{fault.__name__} on {owner}: {event['node']} connected after {took:.1f} s, found by {event['reason']}")
    assert took <= limit
    wait_for("the webapp to see it", lambda: client.connected() == [event["node"].split(":")[0]], 10)
    assert gateway.punishable() == []
    return owner, event


def kill(host: str) -> None:
    """Docker kills the container and does not restart it."""
    on(host, "docker", "kill", CONTAINER)


def kill_process(host: str) -> None:
    """The container's first process is killed; the restart policy starts it again."""
    on(host, "kill", "-9", on(host, "docker", "inspect", "--format", "{{.State.Pid}}", CONTAINER))


def pause(host: str) -> None:
    """The container is frozen; its TCP sessions stay open."""
    on(host, "docker", "pause", CONTAINER)


def cut(host: str) -> None:
    """The host drops all network traffic."""
    assert lab_cli(["cut", host]) == 0


def test_killed_and_paused_coreapps_are_replaced_and_repaired(cluster: None) -> None:
    """Two of three coreapps fail one after the other; site.yml repairs them."""
    broken = set()
    for fault in (kill, pause):
        owner, event = takeover(fault, heartbeat_limit())
        assert event["reason"] == "heartbeat"
        broken.add((owner, f"container {CONTAINER}"))
    assert announced("site") == broken
    assert play("site").succeeded().changed == broken
    client.settled()
    assert gateway.punishable() == []


def test_a_killed_process_is_replaced(cluster: None) -> None:
    _, event = takeover(kill_process, heartbeat_limit())
    assert event["reason"] == "heartbeat"
    client.settled()
    assert gateway.punishable() == []


def test_a_host_without_network_is_replaced(cluster: None) -> None:
    owner, event = takeover(cut, heartbeat_limit())
    assert event["reason"] == "heartbeat"
    assert lab_cli(["reconnect", owner]) == 0
    client.settled()
    assert client.connected() == [event["node"].split(":")[0]]
    assert gateway.punishable() == []


@pytest.fixture
def one_master(cluster: None) -> str:
    """A cluster with one master; return the host of the other one, which is stopped and no longer listed."""
    (stopped,) = [node.host for node in client.nodes() if node.role == "secondary_master"]
    on(stopped, "docker", "stop", "wabiz-master-1")

    def alone() -> bool:
        return stopped not in {node.host for node in client.nodes()} and len(client.connected()) == 1

    wait_for("the other master to leave the health map", alone, database_limit())
    return stopped


def test_with_one_master_the_database_monitor_finds_it(one_master: str) -> None:
    owner, event = takeover(kill, database_limit())
    assert event["reason"] == "database"
    broken = {(owner, f"container {CONTAINER}"), (one_master, "container wabiz-master-1")}
    assert play("site").succeeded().changed == broken
    client.settled()
