# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the lab, answered by dnsmasq in a container with a fixed address."""

from __future__ import annotations

from collections.abc import Mapping

from lab import images, network
from lab.containers import Wanted
from lab.docker import docker
from lab.settings import GATEWAY_NAME, REGISTRY_NAME, Settings

# Written to a second file and moved, so that an interrupted update leaves the old names; dnsmasq reloads if it changed.
UPDATE = (
    "cat > /etc/lab/hosts.new; cmp -s /etc/lab/hosts.new /etc/lab/hosts"
    " || { mv /etc/lab/hosts.new /etc/lab/hosts; kill -HUP 1; }"
)


def wanted(settings: Settings) -> Wanted:
    """The DNS server's container."""
    return Wanted("dns", "dns", network.service_address(settings.subnet, "dns"), images.ensure("dns"), ())


def hosts_file(settings: Settings, hosts: Mapping[str, str]) -> str:
    """The lab's names in the format of /etc/hosts.

    Args:
        settings: the lab.
        hosts: address of every host.
    """
    names = {
        **hosts,
        REGISTRY_NAME: network.service_address(settings.subnet, "registry"),
        GATEWAY_NAME: network.service_address(settings.subnet, "gateway"),
    }
    return "".join(f"{address} {name}\n" for name, address in sorted(names.items()))


def publish(settings: Settings, hosts: Mapping[str, str]) -> None:
    """Make the DNS server answer for exactly these hosts and the lab's services."""
    docker("exec", "-i", settings.container("dns"), "sh", "-c", UPDATE, stdin=hosts_file(settings, hosts))
