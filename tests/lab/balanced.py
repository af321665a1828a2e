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


def servers() -> dict[str, dict[str, Any]]:
    """Return what HAProxy reports about each webapp, by host."""
    answer = shell(BALANCER, f"echo show stat | socat - UNIX-CONNECT:/run/{UNIT}/admin.sock")
    return {name.partition("-")[0]: server for name, server in balancer_servers(answer).items()}


def statuses() -> dict[str, str]:
    """Return UP, DOWN or DRAIN of each webapp, by host."""
    return {host: server["status"] for host, server in servers().items()}
