"""site.yml is killed with its controller: the next run repairs what the killed run has left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import balanced, client
from tests.lab.hosts import CLUSTER, shell
from tests.lab.operation import holder
from tests.lab.play import play
from tests.support.killing import count_tasks, kill_at, run_and_kill, spread
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

PLAYBOOK = "playbooks/site.yml"
SEED = 12
POINTS = 5
WEBAPP = "wabiz-webapp-1"
MARKS = f"ls /etc/wabiz/{CLUSTER}/*.drained 2> /dev/null || true"


@pytest.fixture(scope="module")
def inventory(cluster_at_first: None) -> Iterator[Path]:
    """A cluster behind a balancer, which is removed afterwards; then all nodes match the inventory again."""
    inventory = balanced.inventory()
    play("site", inventory=inventory).succeeded()
    yield inventory
    play("site", inventory=inventory).succeeded()
    play("loadbalancer", inventory=inventory, extra_vars={"wabiz_loadbalancer_state": "absent"}).succeeded()


def different(mark: int) -> dict[str, dict[str, str]]:
    """Settings that make a run replace every webapp and every master."""
    return {"wabiz_webapp_extra_env": {"MARK": str(mark)}, "wabiz_master_extra_env": {"MARK": str(mark)}}


def whole() -> None:
    """No webapp is drained, no run holds the lock, every node answers."""
    wait_for("both webapps", lambda: set(balanced.statuses().values()) == {"UP"}, 60)
    assert [shell(host, MARKS) for host in ("web1", "web2")] == ["", ""]
    assert holder() == ""
    client.settled(60)


def test_killed_between_drain_and_restore(inventory: Path) -> None:
    changed = "Record that the container is being changed"
    run_and_kill(PLAYBOOK, lambda _number, line: changed in line, different(0), inventory)
    assert "DRAIN" in balanced.statuses().values()
    assert "is DRAIN at the balancer (gets no requests)" in play("verify", inventory=inventory).stdout
    # With the old settings the webapp does not differ; it is restored at the balancer nevertheless.
    play("site", inventory=inventory).succeeded()
    whole()


def drain(host: str) -> None:
    """As a run leaves it that is killed while the webapp is idle: the record first, then the balancer."""
    shell(host, f"umask 077; touch /etc/wabiz/{CLUSTER}/{WEBAPP}.drained")
    balanced.said(f"set server webapps/{host}-{WEBAPP} state drain")
    wait_for("the drained webapp", lambda: balanced.statuses()[host] == "DRAIN", 30)


@pytest.mark.parametrize("playbook", ["multiconnect", "rotate_database_password"])
def test_a_drained_webapp_is_named_and_restored_where_nothing_else_is_due(inventory: Path, playbook: str) -> None:
    drain("web2")
    left = f"a run that ended early left webapp {WEBAPP} drained"
    assert f"web2: {left}" in play("verify", inventory=inventory).stdout
    shown = f"Left drained at the balancer by a run that ended early: web2/{WEBAPP}. Run site.yml."
    assert shown in play("status", inventory=inventory).succeeded().stdout
    done = play(playbook, inventory=inventory).succeeded()
    assert f"First restored at the balancer: web2: a run that ended early left {WEBAPP} drained." in done.stdout
    assert "Nothing to do" in done.stdout
    whole()


def test_a_check_names_it_and_leaves_it(inventory: Path) -> None:
    drain("web2")
    done = play("multiconnect", "--check", inventory=inventory).succeeded()
    assert f"First restored at the balancer: web2: a run that ended early left {WEBAPP} drained." in done.stdout
    assert balanced.statuses()["web2"] == "DRAIN"
    play("site", inventory=inventory).succeeded()
    whole()


def test_kill_points(inventory: Path) -> None:
    """Points spread over the tasks by seed; each time the next run finishes the work."""
    total = count_tasks(PLAYBOOK, different(1), inventory)
    for number, point in enumerate(spread(1, total, POINTS, SEED), 2):
        mark = different(number)
        print(kill_at(PLAYBOOK, point, mark, inventory), flush=True)
        play("site", inventory=inventory, extra_vars=mark).succeeded()
        whole()
