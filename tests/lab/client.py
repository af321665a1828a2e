"""The cluster as its users see it: health through the webapps' HTTPS API; CA and name are verified."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from lab.errors import LabError
from tests.lab.hosts import address, on
from tests.support.variables import LAB_VARIABLES
from tests.support.waiting import wait_for

WEBAPPS = ("web1", "web2")
PORT = 9090


@dataclass(frozen=True)
class Node:
    """One entry of the health map."""

    host: str
    container: str
    role: str
    status: str
    errors: tuple[int, ...]


class Connection(http.client.HTTPSConnection):
    """Connects to a host's address and verifies its name, or that of ``known_as``; ``patience`` in seconds."""

    def __init__(self, name: str, authority: str, port: int = PORT, patience: float = 10, known_as: str = "") -> None:
        super().__init__(known_as or name, port, timeout=patience)
        self._address = address(name)
        self._authority = authority

    def connect(self) -> None:
        context = ssl.create_default_context(cadata=self._authority)
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = context.wrap_socket(plain, server_hostname=self.host)


def ask(web: str, path: str, api_key: str = LAB_VARIABLES["wabiz_api_key"]) -> Any:
    """Return the decoded answer of one webapp; OSError if it gives none."""
    connection = Connection(web, on(web, "cat", "/etc/wabiz/wabiz/webapp-ca.pem"))
    try:
        connection.request("GET", path, headers={"Authorization": f"Apikey {api_key}"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise OSError(f"{web} answers {answer.status}")
        return json.load(answer)
    finally:
        connection.close()


def nodes(web: str = WEBAPPS[0]) -> list[Node]:
    """Return the health map as a list; empty while the webapp does not answer."""
    try:
        health = ask(web, "/v1/health")["health"]
    except (OSError, LabError, http.client.HTTPException):
        return []
    return [_node(key, entry) for key, entry in sorted(health.items())]


def _node(key: str, entry: dict[str, Any]) -> Node:
    host, _, container = key.rpartition(":")
    codes = tuple(error["code"] for error in entry.get("errors", []))
    return Node(host, container, entry.get("role", ""), entry.get("gateway_status", ""), codes)


def connected() -> list[str]:
    """Return the hosts of the coreapps that report to be connected."""
    return [node.host for node in nodes() if node.role == "coreapp" and node.status == "connected"]


def roles() -> list[str]:
    """Return role and gateway status of every node, or the codes of its errors, sorted."""
    return sorted(f"{node.role} {node.status}".strip() or f"errors {node.errors}" for node in nodes())


REGISTERED = [
    "coreapp connected",
    "coreapp disconnected",
    "coreapp disconnected",
    "primary_master disconnected",
    "secondary_master disconnected",
]


def settled(limit: float = 60) -> None:
    """Wait until the registered cluster of the lab's inventory is complete; NotInTime otherwise."""
    wait_for("a complete cluster", lambda: roles() == REGISTERED, limit)
