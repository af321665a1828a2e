"""Hosts and nodes that come and go: a webapp and a master move under load, a dead host is replaced.

The runbooks "Host replaced", "Scale in" and "Scale out" of docs/operations.md, with the commands of that page.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import client, gateway
from tests.lab.hosts import containers, on, shell, unreachable
from tests.lab.inventories import Groups, variant
from tests.lab.play import announced, play
from tests.lab.traffic import Sender, judge
from tests.support.runner import run_with_runner

pytestmark = pytest.mark.drill

OURS = "label=org.wabiz.cluster=wabiz"


def moved(name: str, *services: str, source: str, target: str = "") -> Path:
    """The lab's inventory, in which a host gives up services, to another host where one is named."""

    def change(groups: Groups) -> None:
        for service in services:
            groups[service]["hosts"].pop(source)
            if target:
                groups[service]["hosts"][target] = {}
        if not any(source in group["hosts"] for group in groups.values()):
            groups["retired"] = {"hosts": {source: {}}}

    return variant(name, change)


@pytest.mark.parametrize(("service", "source", "target"), [("master", "master2", "core3"), ("webapp", "web2", "core3")])
def test_a_node_moves(cluster: None, service: str, source: str, target: str) -> None:
    inventory = moved(f"moved-{service}", service, source=source, target=target)
    with Sender() as sender:
        refused = play("retire", inventory=inventory).failed()
        assert "Run site.yml first" in refused.output and refused.changed == set()
        play("site", inventory=inventory).succeeded()
        prediction = announced("retire", inventory=inventory)
        run = play("retire", inventory=inventory).succeeded()
    found = judge(sender)
    assert (found["lost"], found["duplicated"]) == ([], [])
    assert run.changed == prediction
    assert (source, f"container wabiz-{service}-1") in run.changed
    assert containers(source, OURS) == {}
    assert shell(source, "ls -d /etc/wabiz/wabiz /etc/cron.d/wabiz-wabiz 2> /dev/null || true") == ""
    assert play("retire", inventory=inventory).succeeded().changed == set()
    assert gateway.punishable() == []


def test_a_moved_node_returns(cluster: None) -> None:
    """From an execution environment, with nothing but variables."""
    play("site").succeeded()
    run_with_runner("playbooks/retire.yml", "retire", {"wabiz_take_over": "", "wabiz_retire_without_standby": "false"})
    client.settled(60)
    assert set(containers("core3", OURS)) == {"wabiz-coreapp-1"}


def test_a_dead_host_is_replaced(cluster: None) -> None:
    """Host core2 is dead: its coreapp goes to master1, and nothing on core2 can be removed."""
    inventory = moved("dead", "coreapp", source="core2", target="master1")
    on("core2", "docker", "kill", "wabiz-coreapp-1")
    with unreachable("core2"):
        play("site", "--limit=all:!core2", inventory=inventory).succeeded()
        run = play("retire", inventory=inventory)
        assert "core2: cannot be inspected, so nothing on it is removed" in run.output
    # It comes back after all.
    play("retire", inventory=inventory).succeeded()
    assert containers("core2", OURS) == {}
    play("site").succeeded()
    play("retire").succeeded()
    client.settled(60)


@pytest.mark.proves("wabiz_retire_without_standby")
def test_the_last_standby_is_kept(cluster: None) -> None:
    def shrink(groups: Groups) -> None:
        for host in ("core2", "core3"):
            groups["coreapp"]["hosts"].pop(host)
        groups["retired"] = {"hosts": {"core2": {}, "core3": {}}}

    inventory = variant("no-standby", shrink)
    less = {"wabiz_require_ha": False}
    run = play("retire", inventory=inventory, extra_vars=less).failed()
    assert "survives no host failure" in run.output and run.changed == set()
    play("retire", inventory=inventory, extra_vars={**less, "wabiz_retire_without_standby": True}).succeeded()
    assert containers("core2", OURS) == containers("core3", OURS) == {}
    play("site").succeeded()
    client.settled(60)


@pytest.mark.proves("wabiz_retire_database")
def test_a_server_that_may_be_in_use_is_kept(cluster: None) -> None:
    """The nodes' database host is db1, a name that this inventory does not know; core2 has a server of before."""

    def renamed(groups: Groups) -> None:
        groups["database"]["hosts"] = {"store": {"ansible_host": "db1", "wabiz_external_hostname": "store.example"}}

    inventory = variant("renamed-database", renamed)
    image = on("core2", "docker", "inspect", "--format={{.Config.Image}}", "wabiz-coreapp-1").strip()
    server = ["--name=wabiz-database", "--label=org.wabiz.cluster=wabiz", "--entrypoint=sleep", image, "600"]
    on("core2", "docker", "run", "--detach", *server)
    run = play("retire", inventory=inventory).failed()
    assert "confirm that with wabiz_retire_database: core2" in run.output and run.changed == set()
    play("retire", inventory=inventory, extra_vars={"wabiz_retire_database": "core2"}).succeeded()
    assert set(containers("core2", OURS)) == {"wabiz-coreapp-1"}
