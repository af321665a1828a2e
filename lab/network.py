# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's network and its addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

from lab.docker import docker, inspect
from lab.errors import LabError
from lab.settings import Settings

SERVICES = {"dns": 2, "registry": 3, "gateway": 4}  # offsets from the network address; 1 is the bridge
FIRST_HOST = 10


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


def ensure(settings: Settings) -> None:
    """Make sure that the network exists.

    Raises:
        LabError: it exists with another subnet, or the subnet overlaps another network of this machine.
    """
    found = inspect("network", [settings.name])
    if found:
        subnet = found[0]["IPAM"]["Config"][0]["Subnet"]
        if subnet != str(settings.subnet):
            raise LabError(f"network {settings.name} is {subnet}, not {settings.subnet}: run the verb down first")
        return
    docker(
        "network", "create", "--label", settings.label, "--subnet", str(settings.subnet),
        "--gateway", str(settings.subnet[1]), "--ip-range", str(automatic_range(settings.subnet)), settings.name,
    )  # fmt: skip
