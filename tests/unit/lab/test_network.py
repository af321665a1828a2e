# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses: unique, stable, and out of the way of the lab's services and of Docker's own choice."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from lab import network
from lab.inventory import MOST_HOSTS

SMALLEST = ipaddress.IPv4Network("10.77.0.0/24")
NAMES = st.sets(st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True), max_size=MOST_HOSTS)


@given(first=NAMES, second=NAMES)
def test_hosts_keep_their_addresses_when_the_inventory_changes(first: set[str], second: set[str]) -> None:
    before = network.assign(SMALLEST, first, {})
    after = network.assign(SMALLEST, second, before)
    assert set(after) == second
    assert len(set(after.values())) == len(second)
    assert all(after[name] == before[name] for name in first & second)


@given(hosts=NAMES)
def test_hosts_stay_clear_of_services_and_of_the_automatic_range(hosts: set[str]) -> None:
    assigned = {ipaddress.IPv4Address(address) for address in network.assign(SMALLEST, hosts, {}).values()}
    services = {ipaddress.IPv4Address(network.service_address(SMALLEST, name)) for name in network.SERVICES}
    automatic = network.automatic_range(SMALLEST)
    assert not assigned & services
    assert not any(address in automatic for address in assigned | services)
    assert all(address in SMALLEST for address in assigned)
