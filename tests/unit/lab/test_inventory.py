# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory decides which hosts a lab has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab import base_image, inventory
from lab.errors import LabError
from lab.inventory import HostSpec


def listing(*names: str, **hostvars: dict[str, Any]) -> dict[str, Any]:
    return {"_meta": {"hostvars": hostvars}, "all": {"children": ["app"]}, "app": {"hosts": list(names)}}


def test_a_host_in_two_groups_is_one_host() -> None:
    both = listing("web1", "app1") | {"other": {"hosts": ["app1"]}}
    assert inventory.parse(both) == [HostSpec("app1", engine=True), HostSpec("web1", engine=True)]


@pytest.mark.parametrize("value", [False, "false", "no", "False", 0])
def test_a_host_can_start_without_an_engine(value: object) -> None:
    assert inventory.parse(listing("web1", web1={"lab_engine": value})) == [HostSpec("web1", engine=False)]


def test_a_host_has_the_release_that_it_is_given() -> None:
    found = inventory.parse(listing("a", "b", "c", a={"lab_release": 11}, b={"lab_release": "13"}))
    assert {host.name: host.suite for host in found} == {"a": "bullseye", "b": "trixie", "c": "bookworm"}
    assert set(inventory.RELEASES.values()) == set(base_image.NAMES) - {base_image.UNRELEASED}


def test_a_release_that_no_lab_has_is_refused_with_its_host() -> None:
    with pytest.raises(LabError, match="host 'a': lab_release is 9; a lab has hosts of Debian 11, 12, 13"):
        inventory.parse(listing("a", a={"lab_release": 9}))


def test_local_connections_are_no_lab_hosts() -> None:
    found = inventory.parse(listing("web1", "localhost", localhost={"ansible_connection": "local"}))
    assert [host.name for host in found] == ["web1"]


@pytest.mark.parametrize("name", ["Web1", "web_1", "gateway", "-web", "a" * 43])
def test_unusable_names_are_refused_by_name(name: str) -> None:
    with pytest.raises(LabError, match=name):
        inventory.parse(listing(name))


@pytest.mark.parametrize("count", [0, 41])
def test_too_few_and_too_many_hosts_are_refused(count: int) -> None:
    with pytest.raises(LabError, match=f"names {count} hosts"):
        inventory.parse(listing(*(f"h{number}" for number in range(count))))


def test_a_real_inventory_is_read_by_ansible(tmp_path: Path) -> None:
    path = tmp_path / "hosts.yml"
    path.write_text("all: {children: {app: {hosts: {a1: {lab_engine: false}, a2: {}}}}}\n", encoding="utf-8")
    assert inventory.read(path) == [HostSpec("a1", engine=False), HostSpec("a2", engine=True)]


def test_a_missing_inventory_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"none\.yml does not exist"):
        inventory.read(tmp_path / "none.yml")
