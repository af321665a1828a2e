# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs what: pure functions from an inventory to the nodes of a cluster. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

# Services of the client, in the order in which they are started and upgraded.
SERVICES = ("webapp", "master", "coreapp")
# Hosts in group retired run nothing of the inventory any more; what they still run is removed.
GROUPS = ("database", *SERVICES, "loadbalancer", "retired")

# First host port of a service, ports of one instance, distance to the next instance on the host.
# Master and coreapp interleave: 6250-6253 coreapp 1, 6254-6257 master 1, 6258-6261 coreapp 2, ...
# The load balancer is no container, but it claims a port as they do.
PORTS_PER_INSTANCE = {"webapp": 1, "master": 4, "coreapp": 4, "loadbalancer": 1}
PORT_STRIDE = {"webapp": 1, "master": 8, "coreapp": 8, "loadbalancer": 1}
CONTAINER_PORTS = {"webapp": (443,), "master": (6250, 6251, 6252, 6253), "coreapp": (6250, 6251, 6252, 6253)}


def needs_engine(services: t.Iterable[str]) -> bool:
    """Whether a host with these services is to run containers: a balancer is none, a retired host none any more."""
    return bool(set(services) - {"loadbalancer", "retired"})


@dataclass(frozen=True)
class Node:
    """One client container: the number counts from 1 on its host."""

    cluster: str
    service: str
    host: str
    number: int
    # Those that other nodes are told of, and further ones that a site has published.
    ports: tuple[int, ...]
    further: tuple[int, ...] = ()

    @property
    def claimed(self) -> tuple[int, ...]:
        """Every port of the host that the node takes."""
        return (*self.ports, *self.further)

    @property
    def name(self) -> str:
        return container_name(self.cluster, self.service, self.number)


@dataclass(frozen=True)
class Server(Node):
    """The container in which role database runs the server: one at most, so it has no number in its name."""

    @property
    def name(self) -> str:
        return database_container(self.cluster)


def container_name(cluster: str, service: str, number: int) -> str:
    """Name of a container: cluster, service, number on its host, from 1."""
    return f"{cluster}-{service}-{number}"


def database_container(cluster: str) -> str:
    """Name of the container in which role database runs the server."""
    return f"{cluster}-database"


def host_ports(service: str, first_port: int, number: int) -> tuple[int, ...]:
    """Host ports of instance `number` (from 1) of a service whose first instance starts at `first_port`."""
    if number < 1:
        raise ValueError(f"instances count from 1, not {number}")
    start = first_port + (number - 1) * PORT_STRIDE[service]
    return tuple(range(start, start + PORTS_PER_INSTANCE[service]))


def host_nodes(
    cluster: str,
    service: str,
    host: str,
    instances: int,
    first_port: int,
    one_by_one: t.Sequence[int] = (),
    further: t.Iterable[int] = (),
) -> list[Node]:
    """The nodes of one service on one host; C(one_by_one) are their ports where they do not follow from the first."""
    size = PORTS_PER_INSTANCE[service]
    given = [tuple(one_by_one[start : start + size]) for start in range(0, len(one_by_one), size)]
    return [
        Node(
            cluster,
            service,
            host,
            number,
            # Where there are too few or too many, preflight refuses.
            given[number - 1] if len(one_by_one) == instances * size else host_ports(service, first_port, number),
            tuple(further),
        )
        for number in range(1, instances + 1)
    ]


def port_collisions(nodes: list[Node]) -> list[tuple[str, int, list[Node]]]:
    """Every (host, port) that more than one node claims, with the nodes that claim it."""
    claims: dict[tuple[str, int], list[Node]] = {}
    for node in nodes:
        for port in node.claimed:
            claims.setdefault((node.host, port), []).append(node)
    return [(host, port, claimants) for (host, port), claimants in sorted(claims.items()) if len(claimants) > 1]
