# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a host looks at before a node is started, and on which of its own ports it answers meanwhile."""

from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.reachability import (
    peers,
    unheld_ports,
    waiting_options,
)
from hypothesis import given
from hypothesis import strategies as st

LOOK = "wabiz-look"
SERVICES = {"webapp": [9090], "master": [6254, 6255, 6256, 6257], "coreapp": [6250, 6251, 6252, 6253]}


def topology(**hosts: list[str]) -> dict[str, Any]:
    """Hosts with the services of their nodes."""
    return {
        "nodes": [
            {"host": host, "service": service, "address": f"{host}.example", "ports": SERVICES[service]}
            for host, services in hosts.items()
            for service in services
        ],
        "own_database": [],
    }


def survey(*containers: tuple[str, list[int], bool], taken: list[int] | None = None) -> dict[str, Any]:
    found = [{"name": name, "ports": ports, "running": running} for name, ports, running in containers]
    return {"containers": found, "ports_taken": taken or []}


def test_every_port_of_a_bare_host_is_answered_on() -> None:
    cluster = topology(one=["webapp", "coreapp"], two=["master"])
    pairs = [[9090, 443], [6250, 6250], [6251, 6251], [6252, 6252], [6253, 6253]]
    assert unheld_ports(cluster, "one", survey(), LOOK) == pairs
    assert unheld_ports(cluster, "two", survey(), LOOK)[0] == [6254, 6250]


def test_what_runs_or_listens_holds_its_ports() -> None:
    cluster = topology(one=["webapp", "coreapp"])
    found = survey(("wabiz-coreapp-1", [6250, 6251, 6252, 6253], True), taken=[9090])
    assert unheld_ports(cluster, "one", found, LOOK) == []
    stopped = survey(("wabiz-coreapp-1", [6250], False), taken=[9090])
    assert len(unheld_ports(cluster, "one", stopped, LOOK)) == 4


def test_what_a_killed_run_has_left_holds_nothing() -> None:
    cluster = topology(one=["webapp"])
    assert unheld_ports(cluster, "one", survey((LOOK, [9090], True), taken=[9090]), LOOK) == [[9090, 443]]


def test_peers_are_the_nodes_of_other_hosts() -> None:
    cluster = topology(one=["webapp"], two=["coreapp"])
    (webapp,) = peers(cluster, "two", {"one": [9090]})
    assert webapp == {"host": "one", "address": "one.example", "port": 9090, "greeting": "one", "listens": True}
    found = peers(cluster, "one", {"two": [6250]})
    assert [(one["port"], one["greeting"], one["listens"]) for one in found] == [
        (6250, "two", True),
        *((port, "", False) for port in (6251, 6252, 6253)),
    ]


def test_nodes_of_one_host_reach_each_other_too() -> None:
    ports = [one["port"] for one in peers(topology(one=["webapp", "master"]), "one", {})]
    assert ports == [*SERVICES["webapp"], *SERVICES["master"]]


def test_the_clusters_own_database_is_among_them() -> None:
    own = {"host": "db1", "address": "db1", "port": 3306, "published": "10.0.0.9"}
    (server,) = peers({**topology(one=["webapp"]), "own_database": [own]}, "one", {})
    # No more than module reachability_info takes.
    assert server == {"host": "db1", "address": "db1", "port": 3306, "greeting": "", "listens": True}


def settings(**given: Any) -> dict[str, Any]:
    return {"dns_servers": [], "extra_hosts": {}, "published_address": None, **given}


def test_ports_are_published_as_those_of_the_nodes() -> None:
    pairs = [[9090, 443], [7001, 6250]]
    assert waiting_options(settings(), ["webapp"], pairs) == {"published_ports": ["9090:443", "7001:6250"]}
    one = waiting_options(settings(published_address="10.0.0.5"), ["webapp"], pairs)
    assert one["published_ports"] == ["10.0.0.5:9090:443", "10.0.0.5:7001:6250"]
    six = waiting_options(settings(published_address="2001:db8::1"), ["webapp"], pairs[:1])
    assert six["published_ports"] == ["[2001:db8::1]:9090:443"]


def test_names_are_found_as_the_nodes_find_them() -> None:
    site = settings(
        dns_servers=["10.0.0.53"],
        extra_hosts={"db": "10.0.0.9"},
        container_options={"dns_search_domains": ["internal"], "etc_hosts": {"core2": "10.0.0.2"}, "cpus": 2},
        webapp_container_options={"dns_servers": ["10.0.0.54"], "published_ports": ["443:443"]},
        coreapp_container_options={"dns_servers": ["10.0.0.55"]},
    )
    assert waiting_options(site, ["webapp", "loadbalancer"], []) == {
        "dns_servers": ["10.0.0.53", "10.0.0.54"],
        "dns_search_domains": ["internal"],
        "etc_hosts": {"db": "10.0.0.9", "core2": "10.0.0.2"},
        "published_ports": [],
    }


NAMES = st.sampled_from(["one", "two", "three"])
CLUSTERS = st.dictionaries(NAMES, st.lists(st.sampled_from(sorted(SERVICES)), unique=True), min_size=1)


@given(CLUSTERS, NAMES, st.lists(st.sampled_from([9090, 6250, 6257])))
def test_between_any_two_hosts_every_port_is_looked_at_once(
    hosts: dict[str, list[str]], looking: str, held: list[int]
) -> None:
    cluster = topology(**hosts)
    listening = {
        host: [port for port, _inner in unheld_ports(cluster, host, survey(taken=held), LOOK)] for host in hosts
    }
    found = [(one["host"], one["port"]) for one in peers(cluster, looking, listening)]
    wanted = [
        (host, port)
        for host, services in hosts.items()
        if host != looking or len(services) > 1
        for service in services
        for port in SERVICES[service]
    ]
    assert sorted(found) == sorted(wanted)
    assert all(one["listens"] == (one["port"] not in held) for one in peers(cluster, looking, listening))
