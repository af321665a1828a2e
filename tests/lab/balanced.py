"""HAProxy on a host of the lab, in front of both webapps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.wabiz.onprem.plugins.filter.balancer_servers import balancer_servers

from tests.lab.hosts import shell
from tests.lab.inventories import variant

BALANCER = "master1"
UNIT = "wabiz-loadbalancer-1"


def inventory() -> Path:
    """Write the lab's inventory with the balancer and return its path."""
    return variant("balanced", lambda groups: groups.update({"loadbalancer": {"hosts": {BALANCER: {}}}}))


def said(command: str, unit: str = UNIT) -> str:
    """Return HAProxy's answer to a command at its runtime socket."""
    return shell(BALANCER, f"echo {command} | socat - UNIX-CONNECT:/run/{unit}/admin.sock")


def servers(unit: str = UNIT) -> dict[str, dict[str, Any]]:
    """Return what HAProxy reports about each webapp, by host."""
    return {name.partition("-")[0]: server for name, server in balancer_servers(said("show stat", unit)).items()}


def statuses(unit: str = UNIT) -> dict[str, str]:
    """Return UP, DOWN or DRAIN of each webapp, by host."""
    return {host: server["status"] for host, server in servers(unit).items()}
