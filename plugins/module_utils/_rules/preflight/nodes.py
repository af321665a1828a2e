# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many nodes there are, and where."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import is_ipv6, is_loopback
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import cluster_faults, inventory_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import zones as zone_rules
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.capacity import MOST_MASTERS
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def counts(inventory: Inventory) -> t.Iterator[Finding]:
    """There are enough nodes of each service, and as many coreapps as shards."""
    least = {"webapp": 1, "master": 2, "coreapp": 2} if inventory.value("require_ha") else dict.fromkeys(SERVICES, 1)
    for service in SERVICES:
        count = len(inventory.nodes(service))
        if count < least[service]:
            yield Finding(
                f"group {service}",
                f"has {count} node(s), at least {least[service]} are needed.",
                f"Add hosts to the group or raise wabiz_{service}_instances (trials only: wabiz_require_ha: false).",
            )
    if len(inventory.nodes("master")) > MOST_MASTERS:
        yield cluster_faults.many_masters()
    if len(inventory.nodes("webapp")) == 1:
        yield Finding(
            "group webapp", "has a single node, without which the API is unavailable.", "Add one.", fatal=False
        )
    shards = inventory.value("shards") or 1
    coreapps = len(inventory.nodes("coreapp"))
    yield from inventory_faults.too_few(shards, coreapps)
    if coreapps == shards:
        yield cluster_faults.no_standby()


def placement(inventory: Inventory) -> t.Iterator[Finding]:
    """The database and the nodes do not fail together."""
    database = {*inventory.groups.get("database", []), inventory.value("database_host")}
    for host in inventory.node_hosts:
        names = {host, inventory.variables[host].get("ansible_host", host)}
        if names & database and not inventory.value("allow_database_on_node"):
            yield Finding(
                host,
                "is the database's host (wabiz_database_host or group database) and runs nodes of the client as well.",
                "Move one of them (a set-up for trials only: wabiz_allow_database_on_node: true).",
            )


def zones(inventory: Inventory) -> t.Iterator[Finding]:
    """No zone holds what the cluster cannot do without; asked where any host of a node has a zone."""
    without = [host for host in inventory.node_hosts if not inventory.zone(host)]
    if without and len(without) < len(inventory.node_hosts):
        yield Finding(
            ", ".join(without),
            "has no zone, though other hosts have one, so nothing can be said of the failure of a zone.",
            "Set it for every host of a node, or for none.",
            fatal=False,
            variable="wabiz_zone",
        )
    placed = {service: [inventory.zone(node.host) for node in inventory.nodes(service)] for service in SERVICES}
    yield from zone_rules.findings(placed, inventory.value("shards") or 1)


def loopback(inventory: Inventory) -> t.Iterator[Finding]:
    """Within a container such a name means the container itself."""
    for host in inventory.node_hosts:
        for key in ("database_host", "external_hostname"):
            value = str(inventory.variables[host].get(key) or "")
            if is_loopback(value) and (key == "database_host" or len(inventory.hosts) > 1):
                yield Finding(
                    host,
                    f"is {value}, which resolves to the container itself inside a container, and to each host itself.",
                    "Write a name or address under which every host and container reaches it.",
                    variable=f"wabiz_{key}",
                )


def ipv6(inventory: Inventory) -> t.Iterator[Finding]:
    """A container without an IPv6 address of its own reaches none; a further network of the site may give it one."""
    for host in inventory.node_hosts:
        settings = inventory.variables[host]
        for key in ("database_host", "external_hostname"):
            value = str(settings.get(key) or "")
            reached = settings.get("network_ipv6") or inventory.joined_networks(host)
            if is_ipv6(value) and not (is_loopback(value) or reached):
                yield Finding(
                    host,
                    f"is {value}, an IPv6 address, which containers on the cluster's network do not reach.",
                    "Write a name or an IPv4 address, or give the network an IPv6 subnet (wabiz_network_subnets).",
                    variable=f"wabiz_{key}",
                )
