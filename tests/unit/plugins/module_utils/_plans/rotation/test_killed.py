# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation that is killed after any step, again and again, and then run to its end."""

from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_users import other
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.rotation.plan import plan
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._plans.rotation.rotating import (
    Login,
    Run,
    World,
    new_world,
)
from hypothesis import given, settings
from hypothesis import strategies as st

KINDS = st.sampled_from(["mysql", "mariadb", "postgresql"])
FIRST = st.sampled_from(["wabiz", "wabiz_b"])
KILLED = st.lists(st.integers(0, 20), max_size=4)


def walk(world: World, wanted: Login, limit: int = 1000) -> Run:
    """Run the playbook, killed after so many steps; at each of them every node has a login that works."""
    run = Run(world, wanted)
    for number, step in enumerate(run.steps(), 1):
        assert world.whole(), (step, world)
        if number >= limit:
            break
    return run


def ended(world: World, wanted: Login, old: Login) -> None:
    """All nodes have the wanted login, the old one is of no use any more, and nothing is left to do."""
    assert set(world.nodes.values()) == {wanted}
    assert world.works(wanted)
    assert not world.users[old[0]].accepts(old[1])
    assert world.record is None
    assert plan(world.facts(wanted))["needed"] is False


def next_login(kind: str, old: Login, password: str) -> Login:
    return (old[0] if kind == "mysql" else other(old[0]), password)


@settings(deadline=None)
@given(KINDS, FIRST, KILLED, st.integers(1, 2))
def test_a_rotation_that_is_killed_and_run_again(kind: str, first: str, killed: list[int], times: int) -> None:
    """And the same once more, with the next password."""
    old = (first, "password 0")
    world = new_world(kind, old)
    for number in range(1, times + 1):
        wanted = next_login(kind, old, f"password {number}")
        for limit in killed:
            walk(world, wanted, limit)
        assert walk(world, wanted).refusals == []
        ended(world, wanted, old)
        old = wanted


@settings(deadline=None)
@given(KINDS, FIRST, KILLED)
def test_a_rotation_that_is_killed_and_taken_back(kind: str, first: str, killed: list[int]) -> None:
    """The operator sets the old values again; as long as a node has the new login, both work."""
    old = (first, "password 0")
    world = new_world(kind, old)
    wanted = next_login(kind, old, "password 1")
    for limit in killed:
        walk(world, wanted, min(limit, 12))
    if world.record is None:
        return
    for limit in killed:
        walk(world, old, limit)
    assert walk(world, old).refusals == []
    if wanted[0] in world.users:
        ended(world, old, wanted)


@settings(deadline=None)
@given(KINDS, FIRST, KILLED)
def test_another_password_meanwhile_breaks_no_node(kind: str, first: str, killed: list[int]) -> None:
    """A third one is refused as long as it would end a login that a node has."""
    world = new_world(kind, (first, "password 0"))
    wanted = next_login(kind, (first, "password 0"), "password 1")
    for limit in killed:
        walk(world, wanted, limit)
        walk(world, (wanted[0], "password 2"), limit)
    assert world.whole()


@settings(deadline=None)
@given(KINDS, FIRST)
def test_another_ones_user_is_left_alone(kind: str, first: str) -> None:
    """Whoever has the other name of the pair, where no rotation has made it."""
    world = new_world(kind, (first, "password 0"))
    theirs = new_world(kind, (other(first), "theirs")).users
    world.users.update(theirs)
    if kind != "mysql":
        assert walk(world, (first, "password 1")).refusals
    else:
        walk(world, (first, "password 1"))
        ended(world, (first, "password 1"), (first, "password 0"))
    assert world.users[other(first)].accepts("theirs")
