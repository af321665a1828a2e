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
    replacement host, name and seconds, and where a shard moved away_seconds and, if it is known, shard.
    `ownership` is the plan's, where that was started.
    """
    nodes = _nodes(plan, reports, events)
    away = _away(events)
    found: dict[str, t.Any] = {
        "version": plan["version"],
        "previous_versions": plan["previous_versions"],
        "complete": bool(nodes) and all(node["after"] == plan["version"] for node in nodes),
        "nodes": nodes,
        "seconds": round(seconds, 1),
        "shards": away,
        "shard_seconds_max": max(away.values(), default=0.0),
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
            "away_seconds": replaced.get((node["host"], node["name"]), {}).get("away_seconds"),
        }
        for node in plan["nodes"]
    ]


def _away(events: t.Sequence[Dict]) -> dict[str, float]:
    """Seconds without service by shard; one whose number is not known goes by the node that held it."""
    sums: dict[str, float] = {}
    for event in events:
        if event.get("away_seconds"):
            shard = event.get("shard")
            name = f"of {event['host']}/{event['name']}" if shard in (None, "") else str(shard)
            sums[name] = round(sums.get(name, 0.0) + float(event["away_seconds"]), 1)
    return sums


def render(found: Dict) -> list[str]:
    """The report as lines of text."""
    previous = ", ".join(found["previous_versions"]) or "unknown"
    state = "" if found["complete"] else "NOT COMPLETE: "
    rows = [{**node, "container": node["name"], "without service": node["away_seconds"]} for node in found["nodes"]]
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
        return ["Requests: no balancer of ours counted them."]
    causes = ", ".join(f"{name} {count}" for name, count in counted["by"].items() if count)
    details = f" ({causes})" if causes else ""
    return [
        f"Requests through the balancer: {counted['total']}, answered 5xx or not at all {counted['failed']}{details}, "
        f"repeated by the balancer {counted['retried']}. Those with code 1011, 1016, 1017 or 1018 a client may repeat."
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
        f"The media directories are given to root in the background. On {host}: systemctl status {unit} "
        f"while it goes on, journalctl -u {unit} for what it said (failed files, its end)."
    ]
