# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import (
    SERVICES,
    container_name,
    host_nodes,
    host_ports,
    port_collisions,
)
from hypothesis import given
from hypothesis import strategies as st

DEFAULT_PORTS = {"webapp": 9090, "master": 6254, "coreapp": 6250}


@pytest.mark.parametrize(
    ("service", "number", "ports"),
    [
        ("webapp", 1, (9090,)),
        ("webapp", 2, (9091,)),
        ("coreapp", 1, (6250, 6251, 6252, 6253)),
        ("coreapp", 2, (6258, 6259, 6260, 6261)),
        ("master", 1, (6254, 6255, 6256, 6257)),
        ("master", 2, (6262, 6263, 6264, 6265)),
    ],
)
def test_ports_follow_the_number(service: str, number: int, ports: tuple[int, ...]) -> None:
    assert host_ports(service, DEFAULT_PORTS[service], number) == ports


def test_instances_count_from_one() -> None:
    with pytest.raises(ValueError, match="count from 1"):
        host_ports("webapp", 9090, 0)


def test_names() -> None:
    assert container_name("wabiz", "coreapp", 2) == "wabiz-coreapp-2"


@given(counts=st.fixed_dictionaries({service: st.integers(0, 40) for service in SERVICES}))
def test_default_ports_never_collide_on_one_host(counts: dict[str, int]) -> None:
    nodes = [
        node
        for service, count in counts.items()
        for node in host_nodes("wabiz", service, "h", count, DEFAULT_PORTS[service])
    ]
    assert port_collisions(nodes) == []
    assert len({node.name for node in nodes}) == sum(counts.values())


def test_a_collision_names_host_port_and_claimants() -> None:
    nodes = [*host_nodes("c", "master", "h", 1, 6250), *host_nodes("c", "coreapp", "h", 1, 6250)]
    collisions = port_collisions(nodes)
    assert [(host, port) for host, port, _claimants in collisions] == [("h", port) for port in range(6250, 6254)]
    assert {node.name for _host, _port, claimants in collisions for node in claimants} == {"c-master-1", "c-coreapp-1"}


def test_the_same_port_on_two_hosts_is_no_collision() -> None:
    assert port_collisions([*host_nodes("c", "webapp", "a", 1, 9090), *host_nodes("c", "webapp", "b", 1, 9090)]) == []
