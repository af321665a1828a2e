# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is replaced next: single situations, and whole rounds over random clusters that may break and heal on the way."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.replacement import next_replacement
from hypothesis import given
from hypothesis import strategies as st

Item = dict[str, Any]
STATUSES = ("connected", "connecting", "disconnected", "uninitialized", "unregistered", "error", "silent")


def item(name: str, service: str = "coreapp", number: str | None = None) -> Item:
    return {
        "host": f"host-{name}",
        "name": f"wabiz-{service}-1",
        "id": name if number is None else number,
        "service": service,
    }


def node(name: str, status: str = "disconnected", role: str = "coreapp") -> Item:
    if status == "error":
        errors = [{"code": 1014}]
        return {"container_id": name, "role": None, "gateway_status": None, "errors": errors}
    return {"container_id": name, "role": role, "gateway_status": status, "errors": []}


def coreapps(**statuses: str) -> list[Item]:
    return [node(name, status) for name, status in statuses.items() if status != "silent"]


def masters(**roles: str) -> list[Item]:
    return [
        node(name, role="primary_master" if role == "primary" else "secondary_master") for name, role in roles.items()
    ]


def choose(left: str, nodes: list[Item], shards: int = 1, done: str = "", service: str = "coreapp") -> Item:
    return next_replacement([item(n, service) for n in left], nodes, shards, [item(n, service) for n in done])


def test_webapps_follow_the_inventory() -> None:
    found = choose("ba", [], 0, service="webapp")
    assert (found["id"], found["allowed"], found["reason"], found["left"]) == ("b", True, "", 2)
    assert "API is unavailable" in choose("a", [], 0, service="webapp")["reason"]


@pytest.mark.parametrize(
    ("left", "done", "nodes", "chosen", "allowed", "words"),
    [
        ("abc", "", masters(a="primary", b="secondary", c="secondary"), "b", True, ""),
        ("abc", "", masters(a="primary", b="secondary"), "c", True, "does not answer"),
        ("ac", "b", masters(a="primary", b="secondary", c="secondary"), "c", True, ""),
        ("a", "bc", masters(a="primary", b="secondary", c="secondary"), "a", True, ""),
        ("a", "b", masters(a="primary"), "a", False, "no other master answers"),
        ("a", "", masters(a="primary"), "a", True, "the only master"),
        ("ab", "", masters(a="secondary", b="secondary"), "a", False, "no primary master"),
        ("a", "b", [], "a", False, "lists no node"),
    ],
)
def test_masters(left: str, done: str, nodes: list[Item], chosen: str, allowed: bool, words: str) -> None:
    found = choose(left, nodes, done=done, service="master")
    assert (found["id"], found["allowed"], found["wait"]) == (chosen, allowed, not allowed)
    assert words in found["reason"] and bool(words) == bool(found["reason"])


def test_a_new_secondary_that_waits_for_the_migration_can_take_over() -> None:
    """PostgreSQL: it stays uninitialized until a primary of its own version has migrated."""
    nodes = [*masters(a="primary"), node("b", "uninitialized", "secondary_master")]
    assert choose("a", nodes, done="b", service="master")["allowed"]


@pytest.mark.parametrize(
    ("left", "done", "statuses", "shards", "chosen", "allowed", "words"),
    [
        ("abc", "", {"a": "connected", "b": "error", "c": "disconnected"}, 1, "b", True, "does not answer"),
        ("abc", "", {"a": "connected", "b": "connected", "c": "disconnected"}, 2, "c", True, ""),
        ("ab", "c", {"a": "connected", "b": "connected", "c": "disconnected"}, 2, "a", True, ""),
        ("ab", "c", {"a": "connected", "b": "connected", "c": "error"}, 2, "a", False, "no updated standby"),
        ("ab", "c", {"a": "connected", "b": "connected", "c": "silent"}, 2, "a", False, "no updated standby"),
        ("ab", "cd", {"a": "connected", "b": "error", "c": "error", "d": "disconnected"}, 2, "b", True, "not answer"),
        ("a", "bcd", {"a": "connected", "b": "error", "c": "connecting", "d": "disconnected"}, 2, "a", False, "1 of 2"),
        ("ab", "", {"a": "connected", "b": "connected"}, 2, "a", True, "no standby"),
        ("a", "b", {"a": "connected", "b": "connecting"}, 2, "a", False, "1 of 2 shards"),
        ("ab", "c", {"a": "connected", "b": "disconnected", "c": "error"}, 2, "b", False, "1 of 2 shards"),
        ("a", "bc", {"a": "connecting", "b": "connected", "c": "disconnected"}, 2, "a", False, "it is connecting"),
        ("ab", "c", {"a": "connected", "b": "disconnected", "c": "uninitialized"}, 1, "b", False, "migration"),
        ("ab", "", {"a": "unregistered", "b": "error"}, 0, "a", True, "unregistered"),
    ],
)
def test_coreapps(
    left: str, done: str, statuses: dict[str, str], shards: int, chosen: str, allowed: bool, words: str
) -> None:
    found = choose(left, coreapps(**statuses), shards, done)
    assert (found["id"], found["allowed"], found["wait"]) == (chosen, allowed, not allowed)
    assert words in found["reason"] and bool(words) == bool(found["reason"])
    assert found["connected"] == (statuses[chosen] == "connected")
    assert found["shards_away"] == int(allowed and found["connected"])


def test_the_wait_is_for_a_standby_of_the_inventory() -> None:
    """One that was not named need not be of the new version."""
    statuses = coreapps(a="connected", b="error", x="disconnected")
    assert not choose("a", statuses, 1, "b")["allowed"]


def test_a_candidate_that_is_done_is_omitted_and_ids_may_be_long() -> None:
    long = "0123456789abcdef" * 4
    candidates = [item("a"), {**item("b"), "id": long}]
    nodes = [*coreapps(a2="disconnected"), node(long[:12], "connected")]
    found = next_replacement(candidates, nodes, 1, [{**item("a"), "id": "a2"}])
    assert (found["name"], found["host"], found["connected"], found["left"]) == ("wabiz-coreapp-1", "host-b", True, 1)
    assert found["allowed"]


def test_masters_among_the_others_are_no_standbys() -> None:
    """Whoever cannot tell coreapps from masters may name both."""
    nodes = [*coreapps(a="connected", b="connected"), *masters(m="primary", n="secondary")]
    found = choose("ab", nodes, 2, "mn")
    assert found["allowed"] and "no standby" in found["reason"]
    with_spare = choose("ab", [*nodes, node("c")], 2, "mnc")
    assert with_spare["allowed"] and not with_spare["reason"]


def test_nothing_left() -> None:
    found = next_replacement([item("a")], [], 1, [item("a")])
    assert (found["host"], found["allowed"], found["wait"], found["left"]) == ("", False, False, 0)


def test_one_that_does_not_run_is_replaced_even_when_health_is_silent() -> None:
    assert next_replacement([item("a", number="")], [], 1, [])["allowed"]


CLUSTERS = st.lists(st.tuples(st.sampled_from(STATUSES), st.booleans()), min_size=1, max_size=9)


@given(CLUSTERS, st.sampled_from([1, 2, 4]))
def test_what_an_allowed_replacement_leaves(states: list[tuple[str, bool]], shards: int) -> None:
    """Over any health answer at all."""
    statuses = {f"c{number}": status for number, (status, _done) in enumerate(states)}
    left = [item(name) for name, (_status, is_done) in zip(statuses, states, strict=True) if not is_done]
    done = [item(name) for name, (_status, is_done) in zip(statuses, states, strict=True) if is_done]
    found = next_replacement(left, coreapps(**statuses), shards, done)
    assert found["left"] == len(left)
    assert not (found["allowed"] and found["wait"])
    if not found["allowed"] or statuses[found["id"]] not in ("connected", "connecting", "disconnected"):
        return
    own = statuses.pop(found["id"])
    connected = sum(status == "connected" for status in statuses.values()) + (own == "connected")
    healthy = sum(status in ("connected", "connecting", "disconnected") for status in statuses.values())
    assert connected >= min(shards, len(states)), "a shard is without service already"
    assert own != "connecting"
    if len(states) > shards:
        assert healthy >= shards, "fewer coreapps than shards would answer"
    if own == "connected":
        assert not any(statuses.get(other["id"]) == "disconnected" for other in left), (
            "a standby could have been replaced first"
        )
        assert len(states) <= shards or any(statuses[other["id"]] == "disconnected" for other in done)
        assert (found["reason"] != "") == (len(states) <= shards)


class Coreapps:
    """Coreapps that take over from each other; a new one may need some queries of the health until it answers."""

    def __init__(self, count: int, shards: int) -> None:
        self.shards = shards
        self.status = {f"c{number}": "connected" if number < shards else "disconnected" for number in range(count)}
        self.wounds: dict[str, int] = {}

    def nodes(self) -> list[Item]:
        return [node(name, "error" if self.wounds.get(name) else status) for name, status in self.status.items()]

    def heal(self) -> None:
        self.wounds = {name: looks - 1 for name, looks in self.wounds.items() if looks > 1}
        able = [name for name in self.status if name not in self.wounds]
        for name in able:
            if self.served < self.shards:
                self.status[name] = "connected"

    @property
    def served(self) -> int:
        return sum(status == "connected" for name, status in self.status.items() if name not in self.wounds)

    def replace(self, name: str, new: str, looks: int) -> None:
        del self.status[name]
        self.status[new] = "disconnected"
        self.wounds[new] = looks


@given(st.integers(0, 4), st.sampled_from([1, 2, 4]), st.data())
def test_every_coreapp_gets_its_turn_while_the_cluster_heals(spare: int, shards: int, data: st.DataObject) -> None:
    cluster = Coreapps(shards + spare, shards)
    names = sorted(cluster.status)
    same = data.draw(st.sets(st.sampled_from(names), max_size=len(names) - 1))
    candidates, done = [item(name) for name in names if name not in same], [item(name) for name in sorted(same)]
    order = []
    for _look in range(100):
        found = next_replacement(candidates, cluster.nodes(), shards, done)
        if not found["left"]:
            break
        if found["allowed"]:
            order.append(found["id"])
            cluster.replace(found["id"], f"new-{found['id']}", data.draw(st.integers(1, 3)))
            done.append({**found, "id": f"new-{found['id']}"})
            assert cluster.served >= shards - 1, "at most one shard is without service"
        else:
            assert found["wait"]
        cluster.heal()
    assert sorted(order) == sorted(candidate["id"] for candidate in candidates)


@given(st.integers(1, 5), st.integers(0, 4), st.data())
def test_the_primary_master_comes_last(count: int, primary: int, data: st.DataObject) -> None:
    roles = {f"m{number}": "primary" if number == primary % count else "secondary" for number in range(count)}
    candidates = [item(name, "master") for name in roles]
    done: list[Item] = []
    order = []
    while (found := next_replacement(candidates, masters(**roles), 0, done))["left"]:
        assert found["allowed"]
        order.append(found["id"])
        del roles[found["id"]]
        roles[f"new-{found['id']}"] = "secondary"
        done.append({**found, "id": f"new-{found['id']}"})
    assert order[-1] == f"m{primary % count}" and len(order) == count
