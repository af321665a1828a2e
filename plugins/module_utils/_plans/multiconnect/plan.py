# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a change of the number of shards: steps in their order, cost, refusals, warnings. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict, ObservedCluster
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import survival, table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.multiconnect.change import Change, served_before
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.multiconnect.checks import findings
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import judgement

COLUMNS = ("step", "what", "where", "outage")


def plan(cluster: ObservedCluster, change: Change) -> dict[str, t.Any]:
    """The plan as data; `text` is its rendering."""
    steps = _steps(cluster, change)
    found: dict[str, t.Any] = {
        "current": cluster.shards,
        "wanted": change.wanted,
        "served_before": served_before(cluster, change),
        "steps": [{"step": number, **step} for number, step in enumerate(steps, 1)],
        **judgement(findings(cluster, change)),
        "surplus": [{key: item[key] for key in ("host", "name", "id")} for item in cluster.surplus],
        "missing": [{key: item[key] for key in ("host", "name")} for item in cluster.missing],
        "tolerated": cluster.tolerated,
        **survival.survival(cluster.topology["nodes"], change.wanted),
        "failover_seconds": list(_failover(cluster, change)),
    }
    return {**found, "text": render(found)}


def _failover(cluster: ObservedCluster, change: Change | None = None) -> tuple[int, int]:
    """By the intervals in force, or by those that a change brings."""
    heartbeat = (change and change.heartbeat) or cluster.heartbeat
    unhealthy = (change and change.unhealthy) or cluster.unhealthy
    return capacity.failover_seconds(len(cluster.machines["master"]), heartbeat, unhealthy)


def _steps(cluster: ObservedCluster, change: Change) -> list[dict[str, t.Any]]:
    rows = [_row(f"start {names}", host, "none") for host, names in _by_host(cluster.missing)]
    return [
        *rows,
        *_replacements(cluster),
        *_intervals(cluster, change),
        *_shards(cluster, change),
        *_removals(cluster, change),
    ]


def _replacements(cluster: ObservedCluster) -> t.Iterator[dict[str, t.Any]]:
    """Connected coreapps come last, when a standby that is as it should be can take over."""
    connected = {node.name for node in capacity.coreapps(cluster.health.get("nodes") or []) if node.connected}
    for item in sorted(cluster.changed, key=lambda item: item["id"] in connected):
        low, high = _failover(cluster)
        outage = f"one shard, {low} to {high} s" if item["id"] in connected else "none"
        yield _row(f"replace {item['name']}", item["host"], outage, low, high)


def _intervals(cluster: ObservedCluster, change: Change) -> t.Iterator[dict[str, t.Any]]:
    pairs = {
        "heartbeat_interval": (change.heartbeat, cluster.heartbeat),
        "unhealthy_interval": (change.unhealthy, cluster.unhealthy),
    }
    for name, (wanted, present) in pairs.items():
        if wanted and wanted != present:
            yield _row(f"set {name} {wanted} s, now {present}", "application settings", "none")


def _shards(cluster: ObservedCluster, change: Change) -> t.Iterator[dict[str, t.Any]]:
    if cluster.shards != change.wanted:
        low, high = capacity.RESTART_SECONDS
        what = f"set {change.wanted} shards, now {cluster.shards or 'unknown'}"
        yield _row(what, "all coreapps", f"every shard, {low} to {high} s", low, high)


def _removals(cluster: ObservedCluster, change: Change) -> t.Iterator[dict[str, t.Any]]:
    """The surplus is removed one at a time; which of them is connected after a restart is not known before."""
    known = {coreapp.name: coreapp for coreapp in capacity.coreapps(cluster.health.get("nodes") or [])}
    restart = cluster.shards != change.wanted
    low, high = _failover(cluster, change)
    maybe, surely = f"none, or one shard at a time, {low} to {high} s", f"one shard at a time, {low} to {high} s"
    found: dict[str, list[Dict]] = {"none": [], maybe: [], surely: []}
    for item in cluster.surplus:
        coreapp = known.get(item["id"])
        serves = coreapp is not None and coreapp.healthy and (restart or coreapp.connected)
        found["none" if not serves else maybe if restart else surely].append(item)
    for outage, items in found.items():
        for host, names in _by_host(items):
            yield _row(f"remove {names}", host, outage, low if outage == surely else 0, high)


def _row(what: str, where: str, outage: str, low: int = 0, high: int = 0) -> dict[str, t.Any]:
    """A step; `seconds` is the least and most that any one shard is without service."""
    seconds = [0, 0] if outage == "none" else [low, high]
    return {"what": what, "where": where, "without service": outage, "seconds": seconds}


def _by_host(nodes: t.Iterable[Dict]) -> list[tuple[str, str]]:
    hosts: dict[str, list[str]] = {}
    for node in nodes:
        hosts.setdefault(node["host"], []).append(node["name"])
    return [(host, _listed(sorted(names, key=lambda name: (len(name), name)))) for host, names in hosts.items()]


def _listed(names: t.Sequence[str]) -> str:
    """Names in a row; of many the first and the last."""
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} ... {names[-1]} ({len(names)} in all)"


# --- how it is shown ------------------------------------------------------------------------------------------------


def render(found: Dict) -> list[str]:
    """The plan as lines of text."""
    low, high = found["failover_seconds"]
    lines = [f"Shards: {found['current'] or 'unknown'}, target {found['wanted']}", ""]
    rows = [{**step, "outage": step["without service"]} for step in found["steps"]]
    lines += table.render(COLUMNS, rows) if rows else ["Nothing to do."]
    lines += ["", *(f"Afterwards: {line}." for line in survival.lines(found))]
    lines += [f"A coreapp that fails is detected and replaced within {low} to {high} s."]
    lines += [f"Warning: {text}" for text in found["warnings"]]
    return [*lines, *(f"Refused: {text}" for text in found["refusals"])]
