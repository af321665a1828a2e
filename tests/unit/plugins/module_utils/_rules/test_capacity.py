# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may stop and who is removed first, over random clusters: never fewer healthy coreapps than shards are left."""

from __future__ import annotations

from itertools import combinations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.capacity import (
    Coreapp,
    crowded,
    failover_seconds,
    may_stop,
    next_removal,
    removal_order,
    survival,
    survival_text,
    survives,
)
from hypothesis import given
from hypothesis import strategies as st

MACHINES = st.lists(st.sampled_from("abcde"), max_size=10)
STATES = st.sampled_from([(False, False), (True, False), (True, True)])
CLUSTERS = st.lists(STATES, min_size=1, max_size=12).map(
    lambda states: [Coreapp(f"c{number:02}", *state) for number, state in enumerate(states)]
)


@given(MACHINES, st.integers(1, 8))
def test_survival_is_what_trying_all_losses_finds(machines: list[str], least: int) -> None:
    places = sorted(set(machines))

    def holds(lost: tuple[str, ...]) -> bool:
        return sum(machine not in lost for machine in machines) >= least

    expected = -1
    for count in range(len(places) + 1):
        if all(holds(lost) for lost in combinations(places, count)):
            expected = count
        else:
            break
    assert survives(machines, least) == expected


def test_standbys_on_one_host_do_not_count_twice() -> None:
    """Whichever machines are lost, enough nodes are left."""
    assert survives(["a", "b", "c", "d"], 2) == 2
    assert survives(["a", "b", "c", "c"], 2) == 1
    assert survives(["a", "a", "b", "b"], 3) == 0


def test_a_cluster_survives_what_its_weakest_service_does() -> None:
    machines = {"webapp": ["w"], "master": ["a", "b"], "coreapp": ["a", "b", "c"]}
    assert survival(machines, 1) == {"webapps": 0, "masters": 1, "coreapps": 2}
    assert survival_text(survival(machines, 1)).startswith("the cluster survives no host failure")
    assert survival_text(survival({}, 1)).startswith("nodes are already missing")


def test_several_nodes_of_a_kind_on_one_machine_are_found() -> None:
    assert crowded({"master": ["a", "a", "b"], "coreapp": ["a", "b"]}) == {"master": {"a": 2}}


@given(CLUSTERS, st.sampled_from([1, 2, 4, 8]), st.data())
def test_no_stop_leaves_fewer_healthy_ones_than_shards(
    cluster: list[Coreapp], shards: int, data: st.DataObject
) -> None:
    target = data.draw(st.sampled_from(cluster))
    objection = may_stop(cluster, target.name, shards)
    left = sum(coreapp.healthy for coreapp in cluster if coreapp != target)
    assert (objection is None) == (not target.healthy or left >= shards)
    assert objection is None or (objection.fatal and objection.reason)
    assert target.serves == (target.healthy and target.connected)


@given(CLUSTERS, st.data())
def test_a_connected_one_is_removed_only_when_no_other_can(cluster: list[Coreapp], data: st.DataObject) -> None:
    names = [coreapp.name for coreapp in cluster] + ["unknown"]
    surplus = data.draw(st.lists(st.sampled_from(names), unique=True))
    order = removal_order(cluster, surplus)
    assert sorted(coreapp.name for coreapp in order) == sorted(surplus)
    connected = [coreapp.healthy and coreapp.connected for coreapp in order]
    assert connected == sorted(connected)


@given(st.sampled_from([1, 2, 4, 8]), st.integers(0, 6), st.data())
def test_a_whole_scale_in_never_uncovers_a_shard(shards: int, spare: int, data: st.DataObject) -> None:
    """After each removal a standby takes over, as the client does; any of them may be connected to begin with."""
    names = [f"c{number:02}" for number in range(shards + spare)]
    connected = set(data.draw(st.permutations(names))[:shards])
    surplus = set(data.draw(st.permutations(names))[:spare])
    while surplus:
        cluster = [Coreapp(name, connected=name in connected) for name in names]
        chosen, objection = next_removal(cluster, surplus, shards)
        assert objection is None
        assert not chosen.connected or surplus <= connected
        names.remove(chosen.name)
        surplus.remove(chosen.name)
        if chosen.name in connected:
            connected.remove(chosen.name)
            connected.add(data.draw(st.sampled_from([name for name in names if name not in connected])))
        assert len(names) >= shards == len(connected)


def test_there_must_be_a_surplus() -> None:
    with pytest.raises(ValueError, match="no surplus"):
        next_removal([Coreapp("a")], [], 1)


def test_a_single_master_finds_failures_through_the_database_only() -> None:
    assert failover_seconds(2) == (30, 35)
    assert failover_seconds(2, heartbeat=1, unhealthy=10) == (10, 11)
    assert failover_seconds(1, heartbeat=1, unhealthy=10) == (120, 180)
