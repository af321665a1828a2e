# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer of C(GET /v1/health) as a model. Pure functions, no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.excerpt import shorten
from ansible_collections.wabiz.onprem.plugins.module_utils._model.client_errors import ErrorItem, parse_errors

CONNECTED = "connected"
UNREGISTERED = "unregistered"
PRIMARY_MASTER = "primary_master"
SECONDARY_MASTER = "secondary_master"
COREAPP = "coreapp"
NOT_READY = 1011

_REGISTERED_STATUSES = frozenset({CONNECTED, "connecting", "disconnected"})


@dataclass(frozen=True)
class Node:
    """One master or coreapp. A single instance has neither host, container nor role."""

    host: str | None = None
    container_id: str | None = None
    role: str | None = None
    gateway_status: str | None = None
    errors: tuple[ErrorItem, ...] = ()

    @property
    def name(self) -> str:
        """Return the key under which the client reports the node."""
        if self.host is None:
            return "single instance"
        return self.host if self.container_id is None else f"{self.host}:{self.container_id}"

    @property
    def not_ready(self) -> bool:
        """Tell whether error 1011 is all that the node says, which is normal before registration."""
        return bool(self.errors) and all(error.code == NOT_READY for error in self.errors)

    def __str__(self) -> str:
        words = [word for word in (self.role, self.gateway_status) if word]
        words += [f"error {error}" for error in self.errors]
        return f"{self.name} {', '.join(words) or 'no status'}"

    def as_dict(self) -> dict[str, Any]:
        """Return the node for a module's result."""
        return {
            "name": self.name,
            "host": self.host,
            "container_id": self.container_id,
            "role": self.role,
            "gateway_status": self.gateway_status,
            "errors": [error.as_dict() for error in self.errors],
        }


@dataclass(frozen=True)
class Health:
    """All nodes of a cluster, ordered by name. C(single) marks the shape of a client that is not a cluster."""

    nodes: tuple[Node, ...] = ()
    single: bool = False

    def with_role(self, *roles: str) -> list[Node]:
        """Return the nodes that answer without an error in one of the roles."""
        return [node for node in self.nodes if node.role in roles and not node.errors]

    @property
    def masters(self) -> list[Node]:
        """Return the answering masters."""
        return self.with_role(PRIMARY_MASTER, SECONDARY_MASTER)

    @property
    def coreapps(self) -> list[Node]:
        """Return the answering coreapps."""
        return self.with_role(COREAPP)

    @property
    def connected_coreapps(self) -> list[Node]:
        """Return the coreapps that hold a connection to WhatsApp: one per shard in a healthy cluster."""
        if self.single:
            return [node for node in self.nodes if node.gateway_status == CONNECTED]
        return [node for node in self.coreapps if node.gateway_status == CONNECTED]

    @property
    def failing(self) -> list[Node]:
        """Return the nodes that carry an error."""
        return [node for node in self.nodes if node.errors]

    @property
    def registered(self) -> bool | None:
        """Tell whether a phone number is registered; None while no node says so.

        The primary master decides where it says something, as it is the one that registers.
        """
        primary = {node.gateway_status for node in self.with_role(PRIMARY_MASTER)} - {None, "uninitialized"}
        statuses = primary or {node.gateway_status for node in self.nodes if not node.errors}
        if UNREGISTERED in statuses:
            return False
        return True if statuses & _REGISTERED_STATUSES else None

    def summary(self) -> dict[str, Any]:
        """Return counts and names for a module's result."""
        primaries = self.with_role(PRIMARY_MASTER)
        return {
            "single_instance": self.single,
            "registered": self.registered,
            "nodes": len(self.nodes),
            "masters": len(self.masters),
            "primary_masters": len(primaries),
            "primary_master": primaries[0].name if len(primaries) == 1 else None,
            "coreapps": len(self.coreapps),
            "connected_coreapps": len(self.connected_coreapps),
            "connected": [node.name for node in self.connected_coreapps],
            "failing": [node.name for node in self.failing],
            "statuses": dict(
                sorted(Counter(node.gateway_status for node in self.nodes if node.gateway_status).items())
            ),
        }

    def __str__(self) -> str:
        return "; ".join(str(node) for node in self.nodes) or "no node at all"


def parse(payload: Any) -> Health:
    """Build the model from the C(health) value of an answer.

    Understands the single instance, the map of nodes, error entries and an empty cluster. Raises ValueError for
    anything that is not an object.
    """
    if payload is None:
        return Health()
    if not isinstance(payload, dict):
        raise ValueError(f"health is a {type(payload).__name__}, expected an object")
    if not all(isinstance(value, dict) for value in payload.values()):
        return Health((_node(payload),), single=True)
    return Health(tuple(_node(payload[key], *split_name(shorten(key))) for key in sorted(payload)))


def _node(entry: dict[str, Any], host: str | None = None, container_id: str | None = None) -> Node:
    return Node(
        host,
        container_id,
        _text(entry.get("role")),
        _text(entry.get("gateway_status")),
        tuple(parse_errors(entry.get("errors"))),
    )


def _text(value: Any) -> str | None:
    return shorten(value) if isinstance(value, str) and value else None


def from_report(report: Mapping[str, Any]) -> Health:
    """Build the model from what a module returned: C(nodes) and C(summary)."""
    nodes = tuple(
        Node(
            node["host"],
            node["container_id"],
            node["role"],
            node["gateway_status"],
            tuple(ErrorItem(**error) for error in node["errors"]),
        )
        for node in report["nodes"]
    )
    return Health(nodes, single=bool(report["summary"]["single_instance"]))


def split_name(key: str) -> tuple[str, str | None]:
    """Return host and container id of a node's key; a key without a colon is all host."""
    host, separator, container_id = key.rpartition(":")
    return (host, container_id) if separator and host else (key, None)
