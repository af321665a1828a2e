"""multiconnect.yml: plan, refusals, killed runs, and the largest possible cluster."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab import client, gateway
from tests.lab.hosts import containers, on, shell
from tests.lab.inventories import Groups, variant
from tests.lab.play import announced, play
from tests.lab.upgrading import meanwhile
from tests.support.killing import count_tasks, kill_at, run_and_kill, spread
from tests.support.variables import LAB_VARIABLES
from tests.support.waiting import wait_for

COREAPP_HOSTS = ("core1", "core2", "core3")
PLAYBOOK = "playbooks/multiconnect.yml"
SMALL = {"wabiz_shards": 1, "wabiz_coreapp_instances": 1}
LARGE = {"wabiz_shards": 2, "wabiz_coreapp_instances": 2}
SEED = int(os.environ.get("WABIZ_SEED", "5"))


def coreapps(host: str) -> set[str]:
    """Return the names of the coreapps on a host, stopped ones included."""
    return set(containers(host, "label=org.wabiz.node=coreapp"))


def as_wanted(wanted: dict[str, int]) -> None:
    """The hosts run exactly the wanted coreapps, one is connected for each shard, and no number is banned."""
    names = {f"wabiz-coreapp-{number}" for number in range(1, wanted["wabiz_coreapp_instances"] + 1)}
    assert {host: coreapps(host) for host in COREAPP_HOSTS} == dict.fromkeys(COREAPP_HOSTS, names)
    wait_for("connected coreapps", lambda: len(client.connected()) == wanted["wabiz_shards"], 30)
    assert gateway.punishable() == []


@pytest.fixture
def multiconnect(cluster: None) -> Iterator[None]:
    """The lab inventory's cluster, which is scaled back to one shard afterwards."""
    yield
    play("multiconnect", extra_vars=SMALL).succeeded()


def test_check_mode_shows_the_plan_and_does_nothing_else(cluster: None) -> None:
    run = play("multiconnect", "--check", extra_vars=LARGE).succeeded()
    assert run.changed == set()
    for words in ("set 2 shards, now 1", "every shard, 45 to 60 s", "start wabiz-coreapp-2", "survives the failure"):
        assert words in run.stdout


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"wabiz_shards": 2, "wabiz_certificate": "", "wabiz_phone_number": "1511"},
            ["requires the verified-name certificate", "the inventory says 491511"],
        ),
        ({"wabiz_shards": 2, "wabiz_certificate": "no base64 at all!"}, ["is not base64"]),
        ({"wabiz_shards": 4}, ["Add coreapps"]),
    ],
)
def test_what_is_refused(cluster: None, given: dict[str, Any], words: list[str]) -> None:
    run = play("multiconnect", extra_vars=given).failed()
    assert run.changed == set()
    assert [text for text in words if text not in run.failures[0]["msg"]] == []


@pytest.mark.drill
def test_another_number_of_shards_does_not_stop_site(cluster: None) -> None:
    """The inventory has more shards than the cluster: site.yml verifies the cluster as it is, and reports it."""
    run = play("site", extra_vars={"wabiz_shards": 2}).succeeded()
    assert run.changed == set()
    assert "the inventory wants 2: run playbook multiconnect.yml" in run.stdout


@pytest.mark.drill
def test_a_killed_run_is_finished_by_the_next(multiconnect: None) -> None:
    """One point, chosen by seed, after the plan and before the verification; the drill below has ten."""
    (point,) = spread(20, 46, 1, SEED)
    print(kill_at(PLAYBOOK, point, LARGE))
    play("multiconnect", extra_vars=LARGE).succeeded()
    as_wanted(LARGE)


@pytest.mark.drill
@pytest.mark.proves("wabiz_drill_target", "wabiz_drill_limit")
def test_a_drill_measures_and_restarts_the_node(cluster: None) -> None:
    """The node that is named is stopped, and its host would start it again when the limit has passed."""
    (owner,) = client.connected()
    unit, limits = "wabiz-drill-wabiz-coreapp-1.service", []

    def stopped() -> bool:
        return shell(owner, f"systemctl is-active {unit} || true") == "active"

    def look() -> None:
        limits.append(on(owner, "systemctl", "show", "--value", "--property=RuntimeMaxUSec", unit))

    looking = meanwhile(stopped, look, limit=120)
    given = {"wabiz_drill_target": f"{owner}/wabiz-coreapp-1", "wabiz_drill_limit": 250}
    run = play("failover_drill", extra_vars=given).succeeded()
    looking.join()
    assert limits == ["4min 10s"]
    row = rf"wabiz-coreapp-1 +{owner} +coreapp +core\d:\w+ +[\d.]+ s +within 30 to 35 s"
    assert re.search(row, run.stdout), run.stdout
    client.settled(60)
    assert client.connected() != [owner]
    assert gateway.punishable() == []


@pytest.mark.drill
def test_a_drill_of_the_primary_master(cluster: None) -> None:
    """Check mode shows which node the run will kill, and kills nothing."""
    (primary,) = [node.host for node in client.nodes() if node.role == "primary_master"]
    given = {"wabiz_drill_target": "primary_master"}
    row = rf"wabiz-master-1 +{primary} +primary master +"
    announcement = play("failover_drill", "--check", extra_vars=given).succeeded()
    assert re.search(row + r"\(plan only\)", announcement.stdout), announcement.stdout
    assert announcement.changed == set()
    run = play("failover_drill", extra_vars=given).succeeded()
    assert re.search(rf"{row}master\d:\w+ +[\d.]+ s", run.stdout), run.stdout
    client.settled(60)
    assert primary not in [node.host for node in client.nodes() if node.role == "primary_master"]


@pytest.mark.drill
def test_an_interrupted_drill_restarts_the_node_nevertheless(cluster: None) -> None:
    (owner,) = client.connected()
    limit = 15
    run_and_kill("playbooks/failover_drill.yml", lambda _, line: "Measure" in line, {"wabiz_drill_limit": limit})

    def state() -> str:
        return on(owner, "docker", "inspect", "--format", "{{.State.Running}}", "wabiz-coreapp-1")

    wait_for("the host to stop it", lambda: state() == "false", 30)
    wait_for("the host to start it again", lambda: state() == "true", limit + 30)
    client.settled(60)
    assert gateway.punishable() == []


@pytest.mark.drill
def test_a_drill_of_all_masters(multiconnect: None) -> None:
    """The API goes on without them; all of them are back afterwards."""
    run = play("failover_drill", extra_vars={"wabiz_drill_target": "masters"}).succeeded()
    assert "Each shard was served for 30 s without a master" in run.stdout
    client.settled(60)
    assert gateway.punishable() == []


@pytest.mark.drill
def test_a_drill_without_a_standby_is_refused(multiconnect: None) -> None:
    def shrink(groups: Groups) -> None:
        groups["retired"] = {"hosts": {"core3": groups["coreapp"]["hosts"].pop("core3")}}

    inventory = variant("retired", shrink)
    play("multiconnect", inventory=inventory, extra_vars={"wabiz_shards": 2}).succeeded()
    assert coreapps("core3") == set()
    assert shell("core3", "ls -d /etc/wabiz 2> /dev/null || true") == ""
    run = play("failover_drill", inventory=inventory).failed()
    assert "There is no standby" in run.failures[0]["msg"]
    assert run.changed == set()


@pytest.mark.drill
def test_heartbeat_settings_are_applied_and_explained(multiconnect: None) -> None:
    given = {"wabiz_heartbeat_interval": 4, "wabiz_unhealthy_interval": 20}
    run = play("multiconnect", extra_vars=given).succeeded()
    for words in ("set heartbeat_interval 4 s, now 5", "detected and replaced within 20 to 24 s"):
        assert words in run.stdout
    assert play("multiconnect", extra_vars=given).succeeded().changed == set()
    play("multiconnect", extra_vars={"wabiz_heartbeat_interval": 5, "wabiz_unhealthy_interval": 30}).succeeded()


@pytest.mark.drill
def test_ten_kill_points(multiconnect: None) -> None:
    """Points spread over the tasks by seed; every second run scales in. The next run always finishes."""
    wanted = LARGE
    for point in spread(1, count_tasks(PLAYBOOK, LARGE), 9, SEED):
        wanted = SMALL if wanted == LARGE else LARGE
        print(kill_at(PLAYBOOK, point, wanted))
        play("multiconnect", extra_vars=wanted).succeeded()
        as_wanted(wanted)


@pytest.mark.drill
def test_killed_between_removal_and_creation_of_a_container(multiconnect: None) -> None:
    """The environment differs, so every coreapp is replaced; the run is killed when the first one was just removed."""
    different = {**SMALL, "wabiz_coreapp_extra_env": {"MARK": "1"}}
    before = {host: containers(host)["wabiz-coreapp-1"] for host in COREAPP_HOSTS}

    def replacing(_number: int, line: str) -> bool:
        if "Run the containers" not in line:
            return False
        wait_for("a container to be removed", lambda: any(removed(host) for host in COREAPP_HOSTS), 60, pause=0.05)
        return True

    def removed(host: str) -> bool:
        return containers(host).get("wabiz-coreapp-1") != before[host]

    run_and_kill(PLAYBOOK, replacing, different)
    play("multiconnect", extra_vars=different).succeeded()
    as_wanted(SMALL)


@pytest.mark.drill
def test_32_shards(cluster: None) -> None:
    """33 coreapps, eleven on each host; scaled out and in again."""

    def many(groups: Groups) -> None:
        for variables in groups["coreapp"]["hosts"].values():
            variables["wabiz_coreapp_instances"] = 11

    inventory = variant("32-shards", many)
    run = play("multiconnect", inventory=inventory, extra_vars={"wabiz_shards": 32}).succeeded()
    print(f"32 shards after {run.seconds:.0f} s")
    as_wanted({"wabiz_shards": 32, "wabiz_coreapp_instances": 11})
    assert sorted(served()) == list(range(32))
    assert announced("site", inventory=inventory, extra_vars={"wabiz_shards": 32}) == set()
    play("multiconnect", extra_vars=SMALL).succeeded()
    as_wanted(SMALL)


def served() -> list[int]:
    """Return the shards with a live connection, according to the gateway; that of the primary master is -1."""
    sessions = json.loads(on("gateway", "standinctl", "sessions", "--json"))
    number = LAB_VARIABLES["wabiz_phone_cc"] + LAB_VARIABLES["wabiz_phone_number"]
    live = [session["shard"] for session in sessions if session["number"] == number and not session["replaced"]]
    return [shard for shard in live if shard >= 0]
