# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses: unique, stable, and out of the way of the lab's services and of Docker's own choice."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import network, settings
from lab.errors import LabError
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


def table(*rows: tuple[str, str]) -> str:
    """Return /proc/net/route with these interfaces and networks, and a default route."""
    text = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    for interface, network_ in (("eth0", "0.0.0.0/0"), *rows):
        address, mask = (
            int.from_bytes(value.packed, sys.byteorder)
            for value in (ipaddress.IPv4Network(network_).network_address, ipaddress.IPv4Network(network_).netmask)
        )
        text += f"{interface}\t{address:08X}\t00000000\t0001\t0\t0\t0\t{mask:08X}\t0\t0\t0\n"
    return text


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., settings.Settings]:
    """Return network.placed for a machine with these routes and, if given, a network of this subnet."""

    def placed(lab: settings.Settings, *rows: tuple[str, str], existing: str | None = None) -> settings.Settings:
        (tmp_path / "route").write_text(table(*rows), encoding="utf-8")
        found = [{"IPAM": {"Config": [{"Subnet": existing}]}}] if existing else []
        monkeypatch.setattr(network, "ROUTES", tmp_path / "route")
        monkeypatch.setattr(network, "inspect", lambda _kind, _names: found)
        return network.placed(lab)

    return placed


def test_the_bridge_of_a_killed_engine_is_avoided(place: Callable[..., settings.Settings]) -> None:
    lab = settings.load({})
    assert place(lab, ("br-1", "172.18.0.0/16")).subnet == lab.subnet
    assert str(place(lab, ("br-1", "10.77.0.0/22"), ("br-2", "10.77.5.0/24")).subnet) == "10.77.8.0/22"


def test_a_wider_route_is_no_conflict(place: Callable[..., settings.Settings]) -> None:
    lab = settings.load({})
    assert place(lab, ("tun0", "10.0.0.0/8")).subnet == lab.subnet


def test_a_lab_keeps_its_subnet(place: Callable[..., settings.Settings]) -> None:
    lab = settings.load({})
    assert str(place(lab, ("br-1", "10.77.4.0/22"), existing="10.77.4.0/22").subnet) == "10.77.4.0/22"
    with pytest.raises(LabError, match="run the verb down first"):
        place(lab, existing="10.99.0.0/22")


def test_a_wanted_subnet_that_is_taken_is_refused_with_its_interface(place: Callable[..., settings.Settings]) -> None:
    with pytest.raises(LabError, match=r"10\.78\.0\.0/24 already, on br-1"):
        place(settings.load({"LAB_SUBNET": "10.78.0.0/24"}), ("br-1", "10.78.0.0/24"))
