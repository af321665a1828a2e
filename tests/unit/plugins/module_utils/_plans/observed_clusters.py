# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster with everything on hosts of its own, for tests to spoil."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import ObservedCluster


def container(host: str, service: str, number: int = 1, **values: Any) -> dict[str, Any]:
    name = f"wabiz-{service}-{number}"
    base = {"name": name, "id": f"{host}-{service}-{number}", "cluster": "wabiz", "node": service, "running": True}
    return {**base, **values}


def node(host: str, service: str, number: int = 1) -> dict[str, str]:
    return {"host": host, "service": service, "name": f"wabiz-{service}-{number}", "address": host}


def said(host: str, role: str = "coreapp", number: int = 1, status: str = "disconnected") -> dict[str, Any]:
    service = "coreapp" if role == "coreapp" else "master"
    key = f"{host}-{service}-{number}"
    named = {"name": f"{host}:{key}", "host": host, "container_id": key}
    return {**named, "role": role, "gateway_status": status, "errors": []}


def error(key: str) -> dict[str, Any]:
    errors = [{"code": 1014, "title": "Internal error", "details": ""}]
    named = {"name": f"x:{key}", "host": "x", "container_id": key}
    return {**named, "role": None, "gateway_status": None, "errors": errors}


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
