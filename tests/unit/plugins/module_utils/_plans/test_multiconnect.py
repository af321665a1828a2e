# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a change of the number of shards, and the choice of a drill's node."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import ObservedCluster
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import failover_drill
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.multiconnect import Change, is_base64, plan

CHANGE = Change(2, "4915112345678", certificate="Y2VydA==")


def container(host: str, service: str, number: int = 1, **values: Any) -> dict[str, Any]:
    name = f"wabiz-{service}-{number}"
    base = {"name": name, "id": f"{host}-{service}-{number}", "cluster": "wabiz", "node": service, "running": True}
    return {**base, **values}


def node(host: str, service: str, number: int = 1) -> dict[str, str]:
    return {"host": host, "service": service, "name": f"wabiz-{service}-{number}", "address": host}


def said(host: str, role: str = "coreapp", number: int = 1, status: str = "disconnected") -> dict[str, Any]:
    service = "coreapp" if role == "coreapp" else "master"
    key = f"{host}-{service}-{number}"
    return {"name": f"{host}:{key}", "container_id": key, "role": role, "gateway_status": status, "errors": []}


def error(key: str) -> dict[str, Any]:
    return {"name": f"x:{key}", "container_id": key, "role": None, "gateway_status": None, "errors": [{"code": 1014}]}


def cluster(coreapps: int = 3, shards: int = 1, masters: int = 2) -> ObservedCluster:
    """Webapps, masters and coreapps on hosts of their own; the first coreapps are connected."""
    nodes = [node("web1", "webapp"), node("web2", "webapp")]
    nodes += [node(f"master{number}", "master") for number in range(1, masters + 1)]
    nodes += [node(f"core{number}", "coreapp") for number in range(1, coreapps + 1)]
    health = [said(f"master{number}", "secondary_master") for number in range(2, masters + 1)]
    health += [said("master1", "primary_master")]
    health += [
        said(f"core{number}", status="connected" if number <= shards else "disconnected")
        for number in range(1, coreapps + 1)
    ]
    return ObservedCluster(
        {"cluster": "wabiz", "nodes": nodes},
        {item["host"]: {"containers": [container(item["host"], item["service"])]} for item in nodes},
        {
            "nodes": health,
            "version": "2.57.2",
            "summary": {"registered": True, "single_instance": False, "connected_coreapps": shards},
        },
        shards,
        {"nodes": [{"debug_info": "4915112345678"}]},
    )


def with_container(found: ObservedCluster, host: str, extra: dict[str, Any], *nodes: dict[str, Any]) -> ObservedCluster:
    reports = {**found.reports, host: {"containers": [*found.reports.get(host, {}).get("containers", []), extra]}}
    return replace(found, reports=reports, health={**found.health, "nodes": [*found.health["nodes"], *nodes]})


def whats(found: dict[str, Any]) -> list[str]:
    return [step["what"] for step in found["steps"]]


def test_more_shards() -> None:
    found = plan(cluster(), CHANGE)
    assert (whats(found), found["refusals"], found["warnings"]) == (["set 2 shards, so far 1"], [], [])
    assert found["steps"][0]["seconds"] == [45, 60]
    assert found["survives"] == {"webapps": 1, "masters": 1, "coreapps": 1}
    assert "every shard, 45 to 60 s" in "\n".join(found["text"])


def test_nothing_to_do_asks_for_nothing() -> None:
    found = plan(cluster(shards=2), replace(CHANGE, certificate=""))
    assert (found["steps"], found["refusals"]) == ([], [])
    assert "Nothing to do." in found["text"]


def test_what_differs_is_replaced_connected_ones_last() -> None:
    different = {"kind": "container", "name": "wabiz-coreapp-1", "state": "changed"}
    found = replace(cluster(), comparisons={"core1": [different], "core2": [different], "core3": []})
    steps = plan(found, replace(CHANGE, wanted=1))["steps"]
    assert [(step["what"], step["where"], step["without service"]) for step in steps] == [
        ("replace wabiz-coreapp-1", "core2", "none"),
        ("replace wabiz-coreapp-1", "core1", "one shard, 30 to 35 s"),
    ]


def test_what_does_not_run_is_started_not_replaced() -> None:
    different = {"kind": "container", "name": "wabiz-coreapp-1", "state": "changed"}
    stopped = {"core2": {"containers": [container("core2", "coreapp", running=False)]}}
    found = replace(cluster(), comparisons={"core2": [different]})
    found = replace(found, reports={**found.reports, **stopped})
    assert whats(plan(found, replace(CHANGE, wanted=1))) == ["start wabiz-coreapp-1"]


def test_heartbeat_settings_are_a_step_and_count_afterwards() -> None:
    change = replace(CHANGE, wanted=1, heartbeat=5, unhealthy=20)
    found = plan(cluster(), change)
    assert whats(found) == ["set unhealthy_interval 20 s, so far 30"]
    assert found["failover_seconds"] == [20, 25]
    assert plan(replace(cluster(), unhealthy=20), change)["steps"] == []


def test_missing_coreapps_come_before_the_shards_and_surplus_ones_after() -> None:
    found = with_container(cluster(), "core1", container("core1", "coreapp", 2), said("core1", number=2))
    found = replace(found, reports={**found.reports, "core3": {"containers": []}})
    steps = plan(found, CHANGE)
    assert whats(steps) == ["start wabiz-coreapp-1", "set 2 shards, so far 1", "remove wabiz-coreapp-2"]
    assert steps["surplus"] == [{"host": "core1", "name": "wabiz-coreapp-2", "id": "core1-coreapp-2"}]
    assert steps["missing"] == [{"host": "core3", "name": "wabiz-coreapp-1"}]


@pytest.mark.parametrize(
    ("status", "seconds", "away"),
    [("connected", [30, 35], "one shard at a time, 30 to 35 s"), ("disconnected", [0, 0], "none")],
)
def test_a_surplus_costs_what_it_serves(status: str, seconds: list[int], away: str) -> None:
    """On a host that left the group, while the number of shards stays."""
    found = with_container(cluster(), "old", container("old", "coreapp"), said("old", status=status))
    (step,) = plan(found, replace(CHANGE, wanted=1))["steps"]
    assert (step["where"], step["seconds"], step["without service"]) == ("old", seconds, away)


def test_many_coreapps_of_a_host_are_one_step() -> None:
    """In the order of their numbers, and only the first and the last by name."""
    found = cluster()
    for number in (11, 2, 10, 3):
        found = with_container(found, "core1", container("core1", "coreapp", number), said("core1", number=number))
    step = plan(found, CHANGE)["steps"][-1]
    assert step["what"] == "remove wabiz-coreapp-2 ... wabiz-coreapp-11 (4 in all)"
    assert (step["without service"], step["seconds"]) == ("none, or one shard at a time, 30 to 35 s", [0, 35])


@pytest.mark.parametrize(
    ("found", "change", "words"),
    [
        (cluster(coreapps=1), CHANGE, "2 shards need as many coreapps, the inventory has 1"),
        (cluster(), replace(CHANGE, certificate=""), "2.57.2 requires the verified-name certificate"),
        (cluster(), replace(CHANGE, certificate="not base64!"), "is not base64"),
        (cluster(), replace(CHANGE, number="4930"), "The registered number is 4915112345678, the inventory says 4930"),
        (cluster(), replace(CHANGE, wanted=3), "Choose one of 1, 2, 4, 8, 16, 32"),
        (replace(cluster(), health={"msg": "refused"}), CHANGE, "The API does not answer: refused"),
        (replace(cluster(), health={"nodes": [1], "summary": {"single_instance": True}}), CHANGE, "single instance"),
    ],
)
def test_what_is_refused(found: ObservedCluster, change: Change, words: str) -> None:
    if found.health.get("nodes") == [1]:
        found = replace(found, health={**found.health, "nodes": [said("core1")]})
    refusals = plan(found, change)["refusals"]
    assert any(words in text for text in refusals), refusals


@pytest.mark.parametrize(("registered", "words"), [(False, "No phone number is registered"), (None, "does not tell")])
def test_an_unregistered_cluster_is_refused(registered: bool | None, words: str) -> None:
    found = cluster()
    found = replace(found, health={**found.health, "summary": {**found.health["summary"], "registered": registered}})
    assert any(words in text for text in plan(found, CHANGE)["refusals"])


def test_a_limited_run_is_refused() -> None:
    found = cluster()
    reports = {host: report for host, report in found.reports.items() if host != "core2"}
    assert any(
        "core2" in text and "--limit" in text for text in plan(replace(found, reports=reports), CHANGE)["refusals"]
    )


def test_all_refusals_come_together() -> None:
    found = plan(cluster(coreapps=1), replace(CHANGE, certificate="", number="1"))
    assert len(found["refusals"]) == 3
    assert len([line for line in found["text"] if line.startswith("Refused:")]) == 3


def test_what_is_warned_of() -> None:
    found = cluster(coreapps=2, masters=4)
    moved = [{**item, "address": "core1"} if item["host"] == "core2" else item for item in found.topology["nodes"]]
    found = replace(found, topology={**found.topology, "nodes": moved})
    found = with_container(found, "x", container("x", "webapp"), said("elsewhere"))
    change = replace(CHANGE, certificate_date="2026-01-01", today="2026-11-21")
    text = "\n".join(plan(found, change)["warnings"])
    for words in ("no standby", "three masters", "coreapp on one machine", "324 days old", "elsewhere:"):
        assert words in text


def test_an_error_of_what_no_host_runs_is_tolerated() -> None:
    found = with_container(cluster(), "core1", container("core1", "coreapp", 2, running=False), error("gone"))
    found = replace(found, health={**found.health, "nodes": [*found.health["nodes"], error("core1-coreapp-2")]})
    assert plan(found, CHANGE)["tolerated"] == ["x:core1-coreapp-2", "x:gone"]
    broken = replace(found, health={**found.health, "nodes": [error("core1-coreapp-1")]})
    assert plan(broken, CHANGE)["tolerated"] == []


def test_base64_may_have_line_breaks() -> None:
    assert is_base64("Y2Vy\ndA==\n")
    assert not is_base64("")
    assert not is_base64("Y2Vyd")


# --- the drill ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "container_name"),
    [
        ("", "core1/wabiz-coreapp-1"),
        ("coreapp", "core1/wabiz-coreapp-1"),
        ("core2", "core2/wabiz-coreapp-1"),
        ("core2/wabiz-coreapp-1", "core2/wabiz-coreapp-1"),
        ("primary_master", "master1/wabiz-master-1"),
    ],
)
def test_the_drill_finds_its_node(target: str, container_name: str) -> None:
    found = failover_drill.plan(cluster(shards=2), target)
    assert found["refusals"] == []
    assert f"{found['target']['host']}/{found['target']['name']}" == container_name
    assert found["expected_seconds"] == (None if target == "primary_master" else [30, 35])


@pytest.mark.parametrize(
    ("found", "target", "words"),
    [
        (cluster(coreapps=2, shards=2), "coreapp", "no standby"),
        (cluster(masters=1), "primary_master", "no second master"),
        (cluster(), "core3", "names no connected coreapp"),
        (replace(cluster(), shards=2), "coreapp", "1 coreapps are connected for 2 shards"),
        (replace(cluster(), health={"msg": "refused"}), "coreapp", "refused"),
    ],
)
def test_the_drill_refuses(found: ObservedCluster, target: str, words: str) -> None:
    (refusal,) = failover_drill.plan(found, target)["refusals"]
    assert words in refusal


@pytest.mark.parametrize(
    ("outage", "row", "last"),
    [
        ({"began": True, "ended": True, "seconds": 32.5, "successor": "core2:1"}, "core2:1    32.5 s", "30 to 35 s"),
        ({"began": True, "ended": True, "seconds": 9.0, "successor": None}, "another node  9.0 s", "30 to 35 s"),
        ({"began": True, "ended": False, "seconds": 60.0}, "none       60.0 s", "No node took over in that time."),
        ({"began": False}, "none       -", "The health API showed no outage."),
    ],
)
def test_the_drill_reports(outage: dict[str, Any], row: str, last: str) -> None:
    lines = failover_drill.report(failover_drill.plan(cluster(), ""), outage)
    assert lines[0].split()[:4] == ["KILLED", "ON", "ROLE", "TOOK"]
    assert lines[1].startswith(f"wabiz-coreapp-1  core1  coreapp  {row}")
    assert last in lines[-1]


def test_the_drill_shows_what_it_is_going_to_kill() -> None:
    row = failover_drill.plan(cluster(), "primary_master")["text"][-1]
    assert row.split() == ["wabiz-master-1", "master1", "primary", "master", "not", "yet", "-", "-"]
    assert failover_drill.plan(cluster(), "core3")["text"] == []
