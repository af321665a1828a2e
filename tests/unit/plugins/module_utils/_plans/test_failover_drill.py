# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node a drill stops, when it refuses, and what it reports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import ObservedCluster
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import failover_drill
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._plans.observed_clusters import (
    cluster,
    container,
    error,
    with_container,
)


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


@pytest.mark.parametrize("target", ["coreapp", "masters"])
def test_no_node_is_killed_while_the_schema_is_upgraded(target: str) -> None:
    upgrades = container("core1", "", name="wabiz-dbupgrade", client="dbupgrade", version="2.57.2")
    (refusal,) = failover_drill.plan(with_container(cluster(shards=2), "core1", upgrades), target)["refusals"]
    assert refusal.startswith("core1: container wabiz-dbupgrade is upgrading the schema")


def test_all_masters_are_one_target() -> None:
    found = failover_drill.plan(cluster(shards=2), "masters")
    assert (found["refusals"], found["expected_seconds"]) == ([], None)
    assert [f"{one['host']}/{one['name']}" for one in found["targets"]] == [
        "master1/wabiz-master-1",
        "master2/wabiz-master-1",
    ]
    outage = {"began": True, "ended": True, "seconds": 30.2, "successor": None, "polls": 50, "unserved": 0}
    lines = failover_drill.report(found, outage)
    assert "0 of 50 queries" in lines[1] and lines[-1].startswith("Each shard was served for 30 s without a master")
    lines = failover_drill.report(found, {**outage, "ended": False, "unserved": 3})
    assert "3 of 50 queries" in lines[1] and "not every shard was served" in lines[-1]


@pytest.mark.parametrize(
    ("found", "target", "words"),
    [
        (cluster(coreapps=2, shards=2), "coreapp", "no standby"),
        (cluster(masters=1), "primary_master", "no second master"),
        (cluster(masters=0), "masters", "No master runs"),
        (replace(cluster(), shards=2), "masters", "1 coreapps are connected for 2 shards"),
        (cluster(), "core3", "matches no connected coreapp"),
        (replace(cluster(), shards=2), "coreapp", "1 coreapps are connected for 2 shards"),
        (replace(cluster(), health={"msg": "refused"}), "coreapp", "refused"),
    ],
)
def test_the_drill_refuses(found: ObservedCluster, target: str, words: str) -> None:
    (refusal,) = failover_drill.plan(found, target)["refusals"]
    assert words in refusal


def without(found: ObservedCluster, host: str, *, inspected: bool, answers: bool) -> ObservedCluster:
    """The cluster where a host cannot be reached by SSH, or its node does not answer."""
    reports = found.reports if inspected else {name: one for name, one in found.reports.items() if name != host}
    nodes = [
        one if answers or one["host"] != host else {**error(one["container_id"]), "name": one["name"]}
        for one in found.health["nodes"]
    ]
    return replace(found, reports=reports, health={**found.health, "nodes": nodes})


@pytest.mark.parametrize("target", ["coreapp", "primary_master", "masters"])
@pytest.mark.parametrize("inspected", [True, False])
@pytest.mark.parametrize(("host", "words"), [("core4", "coreapps: wanted at least 4"), ("master3", "masters: wanted")])
def test_nothing_more_is_killed_where_a_node_is_missing(target: str, inspected: bool, host: str, words: str) -> None:
    found = without(cluster(coreapps=4, shards=2, masters=3), host, inspected=inspected, answers=False)
    refusals = failover_drill.plan(found, target)["refusals"]
    assert words in refusals[0] and "delete a host that is lost from the inventory" in refusals[0]


def test_what_is_not_of_the_inventory_need_not_answer() -> None:
    gone = cluster(shards=2)
    nodes = [*gone.health["nodes"], error("lost-coreapp-1")]
    assert failover_drill.plan(replace(gone, health={**gone.health, "nodes": nodes}), "coreapp")["refusals"] == []


def test_all_masters_are_killed_or_none() -> None:
    found = without(cluster(shards=2, masters=3), "master3", inspected=False, answers=True)
    (refusal,) = failover_drill.plan(found, "masters")["refusals"]
    assert "run on no host that was inspected: master3:master3-master-1" in refusal
    # The others may be killed: all nodes answer.
    assert failover_drill.plan(found, "coreapp")["refusals"] == []


@pytest.mark.parametrize("target", ["coreapp", "primary_master", "masters"])
@pytest.mark.parametrize(
    ("registered", "cause"), [(False, "wabiz.onprem.register"), (None, "It may still be starting")]
)
def test_a_cluster_that_is_not_in_use_is_named_as_the_cause(target: str, registered: bool | None, cause: str) -> None:
    """Without a number the snapshot has no shards; the password of admin is not at fault."""
    ready = cluster()
    summary = {**ready.summary, "registered": registered, "connected_coreapps": 0}
    bare = replace(ready, shards=None, health={**ready.health, "summary": summary})
    (refusal,) = failover_drill.plan(bare, target)["refusals"]
    assert cause in refusal and "wabiz_admin_password" not in refusal


@pytest.mark.parametrize(
    ("outage", "row", "last"),
    [
        ({"began": True, "ended": True, "seconds": 32.5, "successor": "core2:1"}, "core2:1    32.5 s", "30 to 35 s"),
        ({"began": True, "ended": True, "seconds": 9.0, "successor": None}, "another node  9.0 s", "30 to 35 s"),
        (
            {"began": True, "ended": False, "seconds": 60.0},
            "none       60.0 s",
            "No node took over within the time limit.",
        ),
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
    assert row.split() == ["wabiz-master-1", "master1", "primary", "master", "(plan", "only)", "-", "-"]
    assert failover_drill.plan(cluster(), "core3")["text"] == []
