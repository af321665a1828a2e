# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports: two claims for one, and others that hold it."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import is_address, is_loopback
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import (
    PORTS_PER_INSTANCE,
    SERVICES,
    Node,
    port_collisions,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

_LAST_PORT = 65535
# Where docker_container publishes ports without an address: on all of IPv4.
_EVERY_IPV4 = "0.0.0.0"  # noqa: S104
_EVERY = (_EVERY_IPV4, "::")


def ports(inventory: Inventory) -> t.Iterator[Finding]:
    """Two hosts of one address are one machine to the other nodes, whatever the inventory calls them."""
    claimants = inventory.claimants()
    for node in claimants:
        if max(node.ports) > _LAST_PORT:
            yield Finding(
                node.host,
                f"{node.name} would get ports up to {max(node.ports)}.",
                f"Lower wabiz_{node.service}_port on this host; the last port is {_LAST_PORT}.",
            )
    collisions: dict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = {}
    for position, address, port in _claims(inventory, claimants):
        collisions.setdefault((address, position), []).append(port)
    for (address, nodes), claims in collisions.items():
        hosts = list(dict.fromkeys(host for host, _name in nodes))
        names = " and ".join(dict.fromkeys(name for _host, name in nodes))
        claimed = _said(claims)
        services = dict.fromkeys(node.service for node in claimants if (node.host, node.name) in nodes)
        variables = " or ".join(f"wabiz_{service}_port" for service in services)
        remedy = f"Change {variables} on this host."
        both = ""
        if len(hosts) > 1:
            both = f" These hosts have one address, {address}."
            remedy = f"Correct wabiz_external_hostname or ansible_host, or change {variables} on one of them."
        yield Finding(", ".join(hosts), f"{claimed} claimed by {names}.{both}", remedy)


def _said(ports: list[int]) -> str:
    if len(ports) == 1:
        return f"port {ports[0]} is"
    in_a_row = ports == list(range(ports[0], ports[-1] + 1))
    return f"ports {f'{ports[0]} to {ports[-1]}' if in_a_row else ', '.join(map(str, ports))} are"


def one_by_one(inventory: Inventory) -> t.Iterator[Finding]:
    """A port for each one that the containers listen on; else it would not be known which one is whose."""
    for service in SERVICES:
        for host in inventory.groups.get(service, []):
            settings = inventory.variables[host]
            given, count = settings.get(f"{service}_ports") or [], settings.get(f"{service}_instances", 1)
            wanted = count * PORTS_PER_INSTANCE[service]
            if given and len(given) != wanted:
                yield Finding(
                    host,
                    f"has {len(given)} port(s), {wanted} are needed: {PORTS_PER_INSTANCE[service]} for each {service}.",
                    f"Write that many, or omit it and set wabiz_{service}_port.",
                    variable=f"wabiz_{service}_ports",
                )


def address(inventory: Inventory) -> t.Iterator[Finding]:
    """Other hosts have to reach what a node publishes, by the name that they are given of its host."""
    for host in inventory.node_hosts:
        published = str(inventory.variables[host].get("published_address") or _EVERY_IPV4)
        told = inventory.address(host)
        problem = ""
        if is_loopback(published) and published not in _EVERY and len(inventory.node_hosts) > 1:
            problem = f"is {published}, on which no other host reaches its nodes."
        elif _is_of_one_kind(told) and (":" in told) != (":" in published):
            problem = f"is {published}, on which nothing answers that is sent to {told}, its wabiz_external_hostname."
        if problem:
            yield Finding(
                host,
                problem,
                "Write the address that wabiz_external_hostname means.",
                variable="wabiz_published_address",
            )


def _is_of_one_kind(told: str) -> bool:
    """Whether a host is known by an IPv4 or IPv6 address; one that no other host can use has a finding of its own."""
    return is_address(told) and "%" not in told and not is_loopback(told)


def _claims(inventory: Inventory, claimants: list[Node]) -> t.Iterator[tuple[tuple[tuple[str, str], ...], str, int]]:
    """Each port of an address that several nodes claim, with their hosts and names."""
    for address, port, _nodes in port_collisions(
        [replace(node, host=inventory.address(node.host)) for node in claimants]
    ):
        nodes = [node for node in claimants if inventory.address(node.host) == address and port in node.claimed]
        yield tuple((node.host, node.name) for node in nodes), address, port


def taken_ports(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """No other process or container on the host has a port that a node of ours needs."""
    own = {port for container in report["containers"] if inventory.owns(container) for port in container["ports"]}
    published = {
        port: container["name"]
        for container in report["containers"]
        if not inventory.owns(container)
        for port in container["ports"]
    }
    if report["files"].get(inventory.balancer_unit()):
        own.update(port for node in inventory.balancers() if node.host == host for port in node.ports)
    for node in inventory.claimants():
        if node.host != host:
            continue
        for port in node.claimed:
            if port in report["ports_taken"] and port not in own:
                holder = f"container {published[port]}" if port in published else "another process"
                where = "" if node.service == "database" else " on this host"  # whose port is the same everywhere
                yield Finding(
                    host,
                    f"port {port}, needed by {node.name}, is in use by {holder}.",
                    f"Free it or change wabiz_{node.service}_port{where}.",
                )
