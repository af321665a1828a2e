# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a change of the number of shards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import ObservedCluster
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.multiconnect.change import Change
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.multiconnect.checks import is_base64
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.multiconnect.plan import plan
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._plans.observed_clusters import (
    cluster,
    container,
    error,
    said,
    with_container,
)

CHANGE = Change(2, "4915112345678", certificate="Y2VydA==")


def whats(found: dict[str, Any]) -> list[str]:
    return [step["what"] for step in found["steps"]]


def test_more_shards() -> None:
    found = plan(cluster(), CHANGE)
    assert (whats(found), found["refusals"], found["warnings"]) == (["set 2 shards, now 1"], [], [])
    assert found["steps"][0]["seconds"] == [45, 60]
    assert found["survives"] == {"webapps": 1, "masters": 1, "coreapps": 1}
    assert "every shard, 45 to 60 s" in "\n".join(found["text"])


def test_zones_are_counted_where_every_host_has_one() -> None:
    found = cluster()
    assert plan(found, CHANGE)["survives_zones"] is None
    zones = {"core3": "r2", "web2": "r2", "master2": "r2"}
    nodes = [{**node, "zone": zones.get(node["host"], "r1")} for node in found.topology["nodes"]]
    placed = plan(replace(found, topology={**found.topology, "nodes": nodes}), CHANGE)
    assert placed["survives_zones"] == {"webapps": 1, "masters": 1, "coreapps": 0}
    assert "Afterwards: the cluster survives no zone failure" in "\n".join(placed["text"])
    assert [text.partition(":")[0] for text in placed["warnings"]] == ["zone r1"]


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
    assert whats(found) == ["set unhealthy_interval 20 s, now 30"]
    assert found["failover_seconds"] == [20, 25]
    assert plan(replace(cluster(), unhealthy=20), change)["steps"] == []


def test_missing_coreapps_come_before_the_shards_and_surplus_ones_after() -> None:
    found = with_container(cluster(), "core1", container("core1", "coreapp", 2), said("core1", number=2))
    found = replace(found, reports={**found.reports, "core3": {"containers": []}})
    steps = plan(found, CHANGE)
    assert whats(steps) == ["start wabiz-coreapp-1", "set 2 shards, now 1", "remove wabiz-coreapp-2"]
    assert steps["surplus"] == [{"host": "core1", "name": "wabiz-coreapp-2", "id": "core1-coreapp-2"}]
    assert steps["missing"] == [{"host": "core3", "name": "wabiz-coreapp-1"}]


def test_two_names_of_one_machine_show_the_same_coreapp() -> None:
    """It is on the host that the inventory names, so it is no surplus on the other."""
    found = with_container(cluster(), "web1", container("core1", "coreapp"), said("core1"))
    assert plan(found, CHANGE)["surplus"] == []


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
        (cluster(coreapps=1), CHANGE, "variable wabiz_shards: is 2 but there are only 1 coreapps"),
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


@pytest.mark.parametrize(("registered", "words"), [(False, "No phone number is registered"), (None, "does not report")])
def test_an_unregistered_cluster_is_refused(registered: bool | None, words: str) -> None:
    found = cluster()
    found = replace(found, health={**found.health, "summary": {**found.health["summary"], "registered": registered}})
    assert any(words in text for text in plan(found, CHANGE)["refusals"])


def test_a_limited_run_is_refused() -> None:
    found = cluster()
    reports = {host: report for host, report in found.reports.items() if host != "core2"}
    assert "core2: was not inspected. Run without --limit." in plan(replace(found, reports=reports), CHANGE)["refusals"]


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


def after_losses(coreapps: int, *lost: str, shards: int = 4) -> ObservedCluster:
    """Coreapps of hosts that were deleted from the inventory; the client still names them, with an error."""
    found = cluster(coreapps=coreapps, shards=shards)
    nodes = [node for node in found.topology["nodes"] if node["host"] not in lost]
    reports = {host: report for host, report in found.reports.items() if host not in lost}
    health = [error(one["container_id"]) if one["host"] in lost else one for one in found.health["nodes"]]
    return replace(found, topology={**found.topology, "nodes": nodes}, reports=reports, health={"nodes": health})


def test_lost_coreapps_are_not_waited_for_where_fewer_shards_are_wanted() -> None:
    """The vendor's client serves what it can; four shards are never served again."""
    found = plan(after_losses(5, "core1", "core2"), CHANGE)
    assert found["served_before"] is None
    (warning,) = [text for text in found["warnings"] if text.startswith("Only 3 coreapps are left for 4 shards")]
    assert "the run sets 2 all the same" in warning


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        # Nothing is lost, one is left to move to, or the new hosts make up for it.
        (cluster(coreapps=4, shards=4), 2),
        (after_losses(5, "core1"), 2),
        (after_losses(5, "core1", "core2"), 4),
        # A surplus one serves until it is removed.
        (with_container(after_losses(5, "core1", "core2"), "web1", container("web1", "coreapp"), said("web1")), 2),
        (replace(cluster(coreapps=2), shards=None), 1),
    ],
)
def test_otherwise_every_shard_has_to_be_served_first(found: ObservedCluster, wanted: int) -> None:
    done = plan(found, replace(CHANGE, wanted=wanted))
    assert done["served_before"] == found.shards
    assert not any("are left for" in text for text in done["warnings"])


def test_base64_may_have_line_breaks() -> None:
    assert is_base64("Y2Vy\ndA==\n")
    assert not is_base64("")
    assert not is_base64("Y2Vyd")
