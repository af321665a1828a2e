# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a zone holds too much of, over random clusters: exactly what its loss would take below the minimum."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.capacity import least_nodes, survival
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.zones import findings, known, overloaded
from hypothesis import given
from hypothesis import strategies as st

SHARDS = st.sampled_from([1, 2, 4])
ZONES = st.fixed_dictionaries(
    {service: st.lists(st.sampled_from("abc"), min_size=1, max_size=6) for service in ("webapp", "master", "coreapp")}
)


@given(ZONES, SHARDS)
def test_it_is_what_trying_the_loss_of_each_zone_finds(zones: dict[str, list[str]], shards: int) -> None:
    found = overloaded(zones, shards)
    for service, least in least_nodes(shards).items():
        placed = zones[service]
        for zone in "abc":
            left = sum(one != zone for one in placed)
            assert (service in found.get(zone, {})) == (len(placed) >= least and left < least)
            assert found.get(zone, {}).get(service, (left, least)) == (left, least)


@given(ZONES, SHARDS)
def test_a_zone_is_named_where_the_cluster_survives_the_failure_of_none(
    zones: dict[str, list[str]], shards: int
) -> None:
    survived = survival(zones, shards)
    named = {f"{service}s" for services in overloaded(zones, shards).values() for service in services}
    assert named == {service for service, count in survived.items() if count == 0}


@given(ZONES, SHARDS, st.sampled_from(["x", "y", "z"]))
def test_more_nodes_in_other_zones_make_nothing_worse(zones: dict[str, list[str]], shards: int, zone: str) -> None:
    more = {service: [*placed, zone] for service, placed in zones.items()}
    before, after = survival(zones, shards), survival(more, shards)
    assert all(after[service] >= count for service, count in before.items())


def test_a_zone_with_every_master_and_most_coreapps_is_named_once() -> None:
    zones = {"webapp": ["r1", "r2"], "master": ["r1", "r1"], "coreapp": ["r1", "r1", "r2"]}
    (found,) = findings(zones, 2)
    assert str(found) == (
        "zone r1: holds too much: without it there are too few nodes (0 of 1 needed for master, 1 of 2 needed for "
        "coreapp). Move or add nodes to other zones."
    )
    assert not found.fatal


@pytest.mark.parametrize("zones", [{}, {"webapp": [], "master": [], "coreapp": []}, {"webapp": ["r1", ""]}])
def test_nothing_is_said_where_a_zone_is_not_known(zones: dict[str, list[str]]) -> None:
    assert not known(zones)
    assert list(findings(zones, 1)) == []
