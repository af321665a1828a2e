# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as it is found: what its hosts and its API say, next to the inventory's nodes. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.wabiz.onprem.plugins.module_utils._model.heartbeat import (
    HEARTBEAT_INTERVAL,
    UNHEALTHY_INTERVAL,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES

Dict = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class ObservedCluster:
    """What is there: preflight's topology, host_info by host, and what health, shards and support say.

    `heartbeat` and `unhealthy` are the intervals in force, in seconds; `comparisons` are the resources of
    M(wabiz.onprem.containers) by host, None where they were not compared.
    """

    topology: Dict
    reports: t.Mapping[str, Dict]
    health: Dict
    shards: int | None = None
    support: Dict | None = None
    heartbeat: int = HEARTBEAT_INTERVAL
    unhealthy: int = UNHEALTHY_INTERVAL
    comparisons: t.Mapping[str, t.Sequence[Dict]] | None = None

    @property
    def summary(self) -> Dict:
        return t.cast(Dict, self.health.get("summary") or {})

    @property
    def reason(self) -> str:
        """Why the API says nothing, or not enough."""
        return str(self.health.get("msg") or "no reason given")

    @property
    def containers(self) -> list[dict[str, t.Any]]:
        """The cluster's own client containers on all hosts that answered, with their host."""
        return [
            {**container, "host": host}
            for host, report in sorted(self.reports.items())
            for container in report.get("containers") or []
            if container["cluster"] == self.topology["cluster"] and container["node"]
        ]

    @property
    def machines(self) -> dict[str, list[str]]:
        """The machine of every node of the inventory, by service; two inventory names of one address are one."""
        return machines(self.topology["nodes"])

    @property
    def unnamed(self) -> list[dict[str, t.Any]]:
        """Containers that are no node of the inventory (any more); two names of one machine show the same ones."""
        wanted = {(node["host"], node["name"]) for node in self.topology["nodes"]}
        named = {one["id"] for one in self.containers if (one["host"], one["name"]) in wanted}
        return list({one["id"]: one for one in self.containers if one["id"] not in named}.values())

    @property
    def surplus(self) -> list[dict[str, t.Any]]:
        """Coreapps on the hosts that the inventory does not know (any more)."""
        return [container for container in self.unnamed if container["node"] == "coreapp"]

    @property
    def missing(self) -> list[Dict]:
        """Coreapps of the inventory that do not run."""
        running = {(item["host"], item["name"]) for item in self.containers if item["running"]}
        coreapps = [node for node in self.topology["nodes"] if node["service"] == "coreapp"]
        return [node for node in coreapps if (node["host"], node["name"]) not in running]

    def compared(self, node: Dict) -> Dict:
        """What a comparison found for a node of the inventory; empty where it was not compared."""
        resources = (self.comparisons or {}).get(node["host"]) or []
        return next((item for item in resources if item["kind"] == "container" and item["name"] == node["name"]), {})

    @property
    def changed(self) -> list[dict[str, t.Any]]:
        """Containers of the inventory's coreapps that run otherwise than they should."""
        running = {(item["host"], item["name"]): item for item in self.containers if item["running"]}
        places = [(node["host"], node["name"]) for node in self.topology["nodes"] if self._differs(node)]
        return [running[place] for place in places if place in running]

    def _differs(self, node: Dict) -> bool:
        return node["service"] == "coreapp" and self.compared(node).get("state") == "changed"

    @property
    def ghosts(self) -> list[str]:
        """Nodes that the client still names, with an error, though no host runs their container."""
        known = {container["id"] for container in self.containers}
        return [
            node["name"]
            for node in self.health.get("nodes") or []
            if node["errors"] and node["container_id"] not in known
        ]

    @property
    def tolerated(self) -> list[str]:
        """Nodes whose errors say nothing about the cluster: ghosts, and surplus ones that do not run."""
        surplus = {item["id"] for item in self.surplus}
        failing = [node for node in self.health.get("nodes") or [] if node["errors"]]
        return sorted({*self.ghosts, *(node["name"] for node in failing if node["container_id"] in surplus)})

    @property
    def foreign(self) -> list[str]:
        """Nodes that answer though no host of the inventory runs their container."""
        known = {container["id"] for container in self.containers}
        nodes = self.health.get("nodes") or []
        return [node["name"] for node in nodes if not node["errors"] and node["container_id"] not in known]


def machines(nodes: t.Iterable[Dict]) -> dict[str, list[str]]:
    """The machine of every node, by service."""
    return _by_service(nodes, "address")


def zones(nodes: t.Iterable[Dict]) -> dict[str, list[str]]:
    """The zone of every node, by service; empty where its host has none."""
    return _by_service(nodes, "zone")


def _by_service(nodes: t.Iterable[Dict], key: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {service: [] for service in SERVICES}
    for node in nodes:
        found[node["service"]].append(node.get(key) or "")
    return found
