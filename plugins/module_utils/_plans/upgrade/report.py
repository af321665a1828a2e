# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an upgrade did: nodes, times, shards without service, requests. Pure functions, no I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.balancer_requests import requests
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table

COLUMNS = ("host", "container", "before", "after", "seconds", "without service")


def report(
    plan: Dict,
    reports: t.Mapping[str, Dict],
    events: t.Sequence[Dict],
    seconds: float,
    balancer_before: t.Mapping[str, str] | None = None,
    balancer_after: t.Mapping[str, str] | None = None,
    migration_seconds: float | None = None,
    ownership: t.Mapping[str, str] | None = None,
) -> dict[str, t.Any]:
    """The report as data; `text` is its rendering.

    `plan` is the plan of this run, `reports` are host_info's results by host after it. `events` name for each
    replacement host, name and seconds, and where a shard moved outage_seconds and, if it is known, shard.
    `ownership` is the plan's, where that was started.
    """
    nodes = _nodes(plan, reports, events)
    outages = _outages(events)
    found: dict[str, t.Any] = {
        "version": plan["version"],
        "previous_versions": plan["previous_versions"],
        "complete": bool(nodes) and all(node["after"] == plan["version"] for node in nodes),
        "nodes": nodes,
        "seconds": round(seconds, 1),
        "shards": outages,
        "shard_seconds_max": max(outages.values(), default=0.0),
        "requests": requests(balancer_before, balancer_after),
        "migration": {"predicted_seconds": plan.get("predicted_seconds"), "seconds": migration_seconds},
        "ownership": dict(ownership or {}),
    }
    return {**found, "text": render(found)}


def _nodes(plan: Dict, reports: t.Mapping[str, Dict], events: t.Sequence[Dict]) -> list[dict[str, t.Any]]:
    running = {
        (host, container["name"]): container["version"]
        for host, found in reports.items()
        for container in found.get("containers") or []
        if container["running"]
    }
    replaced = {(event["host"], event["name"]): event for event in events}
    return [
        {
            "host": node["host"],
            "name": node["name"],
            "service": node["service"],
            "before": node["version"],
            "after": running.get((node["host"], node["name"]), ""),
            "seconds": replaced.get((node["host"], node["name"]), {}).get("seconds"),
            "outage_seconds": replaced.get((node["host"], node["name"]), {}).get("outage_seconds"),
        }
        for node in plan["nodes"]
    ]


def _outages(events: t.Sequence[Dict]) -> dict[str, float]:
    """Seconds without service by shard; one whose number is not known is named after the node that held it."""
    sums: dict[str, float] = {}
    for event in events:
        if event.get("outage_seconds"):
            shard = event.get("shard")
            name = f"of {event['host']}/{event['name']}" if shard in (None, "") else str(shard)
            sums[name] = round(sums.get(name, 0.0) + float(event["outage_seconds"]), 1)
    return sums


def render(found: Dict) -> list[str]:
    """The report as lines of text."""
    previous = ", ".join(found["previous_versions"]) or "unknown"
    state = "" if found["complete"] else "NOT COMPLETE: "
    rows = [{**node, "container": node["name"], "without service": node["outage_seconds"]} for node in found["nodes"]]
    lines = [f"{state}{previous} -> {found['version']} in {found['seconds']:.0f} s", "", *table.render(COLUMNS, rows)]
    return [*lines, "", *_shards(found), *_requests(found), *_migration(found), *_ownership(found)]


def _shards(found: Dict) -> list[str]:
    if not found["shards"]:
        return ["Without service: no shard."]
    listed = ", ".join(f"{name} {seconds:g} s" for name, seconds in found["shards"].items())
    return [f"Without service, by shard: {listed}; at most {found['shard_seconds_max']:g} s."]


def _requests(found: Dict) -> list[str]:
    counted = found["requests"]
    if counted is None:
        return ["Requests: not counted (no balancer of this collection)."]
    causes = ", ".join(f"{name} {count}" for name, count in counted["by"].items() if count)
    details = f" ({causes})" if causes else ""
    return [
        f"Requests through the balancer: {counted['total']}, answered 5xx or not at all {counted['failed']}{details}, "
        f"repeated by the balancer {counted['retried']}. Clients may retry after 1011, 1016, 1017 and 1018."
    ]


def _migration(found: Dict) -> list[str]:
    seconds, predicted = found["migration"]["seconds"], found["migration"]["predicted_seconds"]
    if seconds is None:
        return []
    guess = "" if predicted is None else f", predicted {predicted:g} s"
    return [f"Migration of the schema: {seconds:.1f} s{guess}."]


def _ownership(found: Dict) -> list[str]:
    if not found["ownership"]:
        return []
    host, unit = found["ownership"]["host"], found["ownership"]["unit"]
    return [
        f"The owner of the media directories is being changed to root in the background. On {host}: "
        f"systemctl status {unit} for its state; journalctl -u {unit} for its output (failed files, its end)."
    ]
