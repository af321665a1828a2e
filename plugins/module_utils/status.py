# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a cluster in one view: what the hosts run and what the client says. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils import table

COLUMNS = ("host", "container", "state", "version", "role", "gateway", "note")


def build(
    cluster: str, reports: t.Mapping[str, t.Mapping[str, t.Any]], health: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    """Joins host_info's answers (by host) with health_info's result, which may be a failure.

    A client's node is known to both by the first digits of its container's id.
    """
    said = {node["container_id"]: node for node in health.get("nodes") or []}
    nodes: list[dict[str, t.Any]] = []
    for host in sorted(reports):
        if "engine" not in reports[host]:
            nodes.append({"host": host, "state": "unreachable"})
            continue
        own = [container for container in reports[host]["containers"] if container["cluster"] == cluster]
        nodes += [_node(host, container, said.pop(container["id"], {})) for container in own]
    # What the client knows but no host runs: nodes of hosts outside the inventory, or left over in its database.
    nodes += [_node(node["host"], {}, node) for node in said.values()]
    summary = health.get("summary") or {}
    return {
        "cluster": cluster,
        "version": health.get("version"),
        "registered": summary.get("registered"),
        "primary_master": summary.get("primary_master"),
        "connected_coreapps": summary.get("connected_coreapps"),
        "coreapps": summary.get("coreapps"),
        "masters": summary.get("masters"),
        "api_error": "" if health.get("nodes") is not None else str(health.get("msg", "no answer")),
        "nodes": nodes,
    }


def _node(host: str, container: t.Mapping[str, t.Any], said: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    errors = [f"{error.get('code')} {error.get('title')}" for error in said.get("errors") or []]
    return {
        "host": host,
        "container": container.get("name", said.get("name")),
        "service": container.get("node", ""),
        "state": "unknown to its host" if not container else "running" if container["running"] else "stopped",
        "version": container.get("version"),
        "role": said.get("role") or container.get("node") or None,
        "gateway": said.get("gateway_status"),
        "errors": errors,
    }


def render(status: t.Mapping[str, t.Any]) -> list[str]:
    """The view as lines of text."""
    rows = [{**node, "note": "; ".join(node.get("errors") or [])} for node in status["nodes"]]
    lines = [f"Cluster {status['cluster']}, client version {status['version'] or 'unknown'}"]
    if status["api_error"]:
        lines.append(f"The API does not answer: {status['api_error']}")
    else:
        registered = {True: "registered", False: "unregistered", None: "registration unknown"}[status["registered"]]
        lines.append(
            f"{registered}; {status['connected_coreapps']} of {status['coreapps']} coreapps connected; "
            f"{status['masters']} masters, primary {status['primary_master'] or 'none'}"
        )
    return [*lines, "", *table.render(COLUMNS, rows)]
