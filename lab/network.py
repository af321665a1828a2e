# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's network and its addresses."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from lab.docker import docker, inspect
from lab.errors import LabError
from lab.settings import Settings

SERVICES = {"dns": 2, "registry": 3, "gateway": 4}  # offsets from the network address; 1 is the bridge
FIRST_HOST = 10
ROUTES = Path("/proc/net/route")


def service_address(subnet: ipaddress.IPv4Network, service: str) -> str:
    """The fixed address of one of the lab's own services."""
    return str(subnet[SERVICES[service]])


def automatic_range(subnet: ipaddress.IPv4Network) -> ipaddress.IPv4Network:
    """The last quarter, for containers that someone adds to the network without naming an address."""
    return list(subnet.subnets(prefixlen_diff=2))[-1]


def assign(subnet: ipaddress.IPv4Network, hosts: Iterable[str], taken: Mapping[str, str]) -> dict[str, str]:
    """Give every host an address; those that have one keep it.

    Args:
        subnet: the lab's network.
        hosts: names of all wanted hosts.
        taken: addresses of hosts that exist already.
    """
    wanted = sorted(hosts)
    used = set(taken.values())
    candidates = (str(subnet[offset]) for offset in range(FIRST_HOST, subnet.num_addresses))
    free = (address for address in candidates if address not in used)
    return {name: taken[name] if name in taken else next(free) for name in wanted}


def routes(table: str) -> dict[ipaddress.IPv4Network, str]:
    """The networks of a routing table and their interfaces.

    Args:
        table: the text of /proc/net/route; addresses are the kernel's integers in hexadecimal digits.
    """
    found = {}
    for line in table.splitlines()[1:]:
        interface, destination, *_, mask = line.split()[:8]
        address, netmask = (
            ipaddress.IPv4Address(int(value, 16).to_bytes(4, sys.byteorder)) for value in (destination, mask)
        )
        found[ipaddress.IPv4Network(f"{address}/{netmask}")] = interface
    return found


def placed(settings: Settings) -> Settings:
    """The lab with the subnet of its network, or with a free one if that does not exist yet.

    A killed engine leaves its bridge and the route to it; a second route to the same subnet would never be used.

    Raises:
        LabError: the network has another subnet than the wanted one, or this machine has a route to each.
    """
    wanted = (settings.subnet, *settings.other_subnets)
    found = inspect("network", [settings.name])
    if found:
        subnet = ipaddress.IPv4Network(found[0]["IPAM"]["Config"][0]["Subnet"])
        if subnet not in wanted:
            raise LabError(f"network {settings.name} is {subnet}, not {settings.subnet}: run the verb down first")
        return replace(settings, subnet=subnet)
    taken = routes(ROUTES.read_text(encoding="utf-8"))
    for subnet in wanted:
        if not any(route.subnet_of(subnet) for route in taken):
            return replace(settings, subnet=subnet)
    interfaces = {name for route, name in taken.items() if any(route.subnet_of(subnet) for subnet in wanted)}
    raise LabError(
        f"This machine has routes to {settings.subnet} already, on {', '.join(sorted(interfaces))}:"
        " set LAB_SUBNET to another network, or remove these interfaces if they are left from an engine that was killed"
    )


def ensure(settings: Settings) -> None:
    """Make sure that the network exists; its subnet is that of the lab as placed.

    Raises:
        LabError: the engine reported an error.
    """
    if not inspect("network", [settings.name]):
        docker(
            "network", "create", "--label", settings.label, "--subnet", str(settings.subnet),
            "--gateway", str(settings.subnet[1]), "--ip-range", str(automatic_range(settings.subnet)), settings.name,
        )  # fmt: skip
