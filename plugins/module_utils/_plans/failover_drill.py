# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node a failover drill stops, and whether it may. Pure functions, no I/O."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import from_report
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict, ObservedCluster
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity, cluster_faults, inventory_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expectation import Expectation, evaluate
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, texts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.interrupted_upgrade import migrating

MASTERS = "masters"
COLUMNS = ("killed", "on", "role", "took over", "unavailable", "expected")


def plan(cluster: ObservedCluster, target: str) -> dict[str, t.Any]:
    """The drill as data: the container to be stopped, how long a takeover should take, and what speaks against it.

    `target` is a role (coreapp, primary_master), masters for all of them, a host, or host/container; empty is as
    coreapp. C(targets) are the containers to be stopped.
    """
    targets = _masters(cluster) if target == MASTERS else []
    chosen, findings = None, list(inventory_faults.not_in_use(cluster.health))
    if not findings:
        chosen, findings = _all_masters(targets) if target == MASTERS else _choose(cluster, target or "coreapp")
    if chosen is not None:
        findings += _objections(cluster, chosen)
    findings += migrating(cluster.topology["cluster"], cluster.reports)
    low, high = capacity.failover_seconds(len(cluster.machines["master"]), cluster.heartbeat, cluster.unhealthy)
    found: dict[str, t.Any] = {
        "target": chosen,
        "targets": targets or ([chosen] if chosen else []),
        "shards": cluster.shards,
        "expected_seconds": [low, high] if chosen and chosen["role"] == "coreapp" else None,
        "tolerated": cluster.tolerated,
        "refusals": texts(findings, fatal=True),
    }
    return {**found, "text": [] if chosen is None else _table(found, "(plan only)", "-")}


def _masters(cluster: ObservedCluster) -> list[dict[str, t.Any]]:
    """Every master that runs."""
    return [
        {"host": one["host"], "name": one["name"], "id": one["id"]}
        for one in cluster.containers
        if one["node"] == "master" and one["running"]
    ]


def _all_masters(targets: t.Sequence[Dict]) -> tuple[dict[str, t.Any] | None, list[Finding]]:
    """All masters as one: without them no failover is possible, and the connected coreapps go on."""
    if not targets:
        return None, [Finding("", "No master runs on the hosts that were inspected.", "Check the hosts.")]
    hosts = ", ".join(dict.fromkeys(one["host"] for one in targets))
    return {"host": hosts, "name": "all masters", "id": "", "node": "", "role": MASTERS}, []


def _candidates(cluster: ObservedCluster) -> list[dict[str, t.Any]]:
    """The nodes whose loss is a failover: connected coreapps and the primary master, with their containers."""
    containers = {item["id"]: item for item in cluster.containers}
    return [
        {
            "host": containers[node["container_id"]]["host"],
            "name": containers[node["container_id"]]["name"],
            "id": node["container_id"],
            "node": node["name"],
            "role": node["role"],
        }
        for node in cluster.health.get("nodes") or []
        if node["container_id"] in containers
        and not node["errors"]
        and (node["role"] == "primary_master" or (node["role"] == "coreapp" and node["gateway_status"] == "connected"))
    ]


def _choose(cluster: ObservedCluster, target: str) -> tuple[dict[str, t.Any] | None, list[Finding]]:
    found = [
        item
        for item in _candidates(cluster)
        if target in (item["role"], item["host"], f"{item['host']}/{item['name']}")
    ]
    if found:
        return found[0], []
    known = ", ".join(f"{item['host']}/{item['name']}" for item in _candidates(cluster)) or "none"
    problem = f"{target} matches no connected coreapp and no primary master."
    return None, [Finding("", problem, f"Possible targets: {known}.", variable="wabiz_drill_target")]


def _objections(cluster: ObservedCluster, chosen: Dict) -> list[Finding]:
    nodes = cluster.health["nodes"]
    if cluster.shards is None:
        return [inventory_faults.shards_unknown()]
    uneven = list(cluster_faults.connected_for(int(cluster.summary.get("connected_coreapps") or 0), cluster.shards))
    if uneven:
        return uneven
    absent = list(_absent(cluster))
    if absent:
        return absent
    if chosen["role"] == MASTERS:
        return list(_out_of_reach(cluster))
    if chosen["role"] == "primary_master":
        masters = [node for node in nodes if not node["errors"] and str(node["role"]).endswith("_master")]
        return [] if len(masters) > 1 else [Finding("", "There is no second master to take over.")]
    objection = capacity.may_stop(capacity.coreapps(nodes), chosen["id"], cluster.shards)
    return [replace(objection, problem=f"There is no standby: {objection.problem}")] if objection else []


def _absent(cluster: ObservedCluster) -> t.Iterator[Finding]:
    """What is missing already: afterwards the whole inventory has to be there, and a further loss proves nothing."""
    wanted = Expectation(
        masters=len(cluster.machines["master"]),
        coreapps=len(cluster.machines["coreapp"]),
        max_errors=len(cluster.tolerated),
    )
    remedy = "Repair the cluster with site.yml; delete a host that is lost from the inventory."
    yield from (replace(unmet, remedy=remedy) for unmet in evaluate(from_report(cluster.health), wanted))


def _out_of_reach(cluster: ObservedCluster) -> t.Iterator[Finding]:
    """Masters that would go on while all that were found are killed."""
    found = {one["id"] for one in _masters(cluster)}
    masters = [node for node in cluster.health["nodes"] if str(node["role"]).endswith("_master") and not node["errors"]]
    others = [node["name"] for node in masters if node["container_id"] not in found]
    if others:
        problem = f"Masters answer that run on no host that was inspected: {', '.join(others)}."
        yield Finding("", problem, "Every host has to be reachable, without --limit.")


def report(drill: Dict, outage: Dict) -> list[str]:
    """The result as lines of text."""
    if not outage.get("began"):
        return [*_table(drill, "none", "-"), "", "The health API showed no outage."]
    if drill["target"]["role"] == MASTERS:
        return [*_table(drill, "-", _unserved(outage)), "", *_verdict(outage)]
    if not outage.get("ended"):
        return [*_table(drill, "none", f"{outage['seconds']:.1f} s"), "", "No node took over within the time limit."]
    return _table(drill, outage["successor"] or "another node", f"{outage['seconds']:.1f} s")


def _unserved(outage: Dict) -> str:
    return f"{outage['unserved']} of {outage['polls']} queries"


def _verdict(outage: Dict) -> list[str]:
    watched = f"{outage['seconds']:.0f} s without a master"
    if outage["ended"]:
        return [f"Each shard was served for {watched}: the API goes on, and no failover is possible meanwhile."]
    return [f"In {watched} the API did not always answer, or not every shard was served."]


def _table(drill: Dict, successor: str, unavailable: str) -> list[str]:
    target = drill["target"]
    low, high = drill["expected_seconds"] or ("", "")
    row = {
        "killed": target["name"],
        "on": target["host"],
        "role": target["role"].replace("_", " "),
        "took over": successor,
        "unavailable": unavailable,
        "expected": f"within {low} to {high} s" if drill["expected_seconds"] else "",
    }
    return table.render(COLUMNS, [row])
