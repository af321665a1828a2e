# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guards around a change of the number of shards."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import parse
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import sharding
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import cluster
from hypothesis import given
from hypothesis import strategies as st

ALLOWED = st.sampled_from(sharding.ALLOWED)


def plan(current: int = 1, wanted: int = 2, **options: object) -> sharding.Plan:
    """Return a plan with a certificate on a recent version."""
    given_options: dict[str, object] = {"certificate": True, "version": "2.57.2", **options}
    return sharding.Plan(current, wanted, **given_options)  # type: ignore[arg-type]


@given(ALLOWED, ALLOWED, st.integers(0, 40), st.integers(0, 2))
def test_nothing_speaks_against_a_healthy_cluster_that_is_large_enough(
    current: int, wanted: int, spare: int, failing: int
) -> None:
    coreapps = current + spare
    found = sharding.objections(plan(current, wanted), parse(cluster(current, coreapps, failing=failing)))
    assert bool(found) == (failing > 0 or coreapps < wanted)


@given(st.integers(-2, 40))
def test_only_allowed_numbers(wanted: int) -> None:
    found = sharding.objections(plan(1, wanted), parse(cluster(1, 40)))
    assert bool(found) == (wanted not in {1, 2, 4, 8, 16, 32})


def test_the_inventory_may_name_the_same_numbers() -> None:
    assert declared().variables["wabiz_shards"].choices == sharding.ALLOWED


@given(ALLOWED, st.integers(0, 32))
def test_too_few_coreapps_can_never_be_forced(wanted: int, running: int) -> None:
    found = sharding.objections(plan(1, wanted), parse(cluster(1, running)))
    assert (running < wanted) == any(not item.forceable for item in found)


@pytest.mark.parametrize(
    ("certificate", "version", "age", "objection", "forceable"),
    [
        (True, "2.57.2", None, False, None),
        (False, "2.57.2", 1.0, True, False),
        (False, "2.45.1", None, True, False),
        (False, "2.43.1", 1.0, False, None),
        (False, "2.43.1", 7.0, True, True),
        (False, "2.43.1", None, True, True),
        (False, None, None, True, True),
        (False, "2.37.2", 30.0, True, True),
    ],
)
def test_the_certificate_by_version_and_age(
    certificate: bool, version: str | None, age: float | None, objection: bool, forceable: bool | None
) -> None:
    wanted = plan(certificate=certificate, version=version, age_days=age)
    found = sharding.objections(wanted, parse(cluster(1, 3)))
    assert bool(found) is objection
    if found:
        assert found[0].forceable is forceable
        assert ("force=true" in str(found[0])) is forceable
        assert found[0].fatal


@pytest.mark.parametrize(("version", "sent"), [("2.37.2", False), ("2.39.1", True), (None, True)])
def test_who_knows_the_parameter(version: str | None, sent: bool) -> None:
    assert sharding.send_certificate(version) is sent


@pytest.mark.parametrize("nodes", [{"gateway_status": "connected"}, cluster(0, 3, registered=False), {}])
def test_no_cluster_or_no_number_is_never_forced(nodes: dict[str, object]) -> None:
    assert any(not item.forceable for item in sharding.objections(plan(), parse(nodes)))


def test_without_a_primary_master_nothing_is_set() -> None:
    nodes = cluster(1, 3)
    nodes["app1:0123456789ab"]["role"] = "secondary_master"
    assert [item.forceable for item in sharding.objections(plan(), parse(nodes))] == [False]


@given(ALLOWED, st.integers(0, 33), st.integers(0, 33), st.integers(0, 1))
def test_served_means_that_all_are_back_and_each_shard_is_connected(
    wanted: int, connected: int, back: int, failing: int
) -> None:
    before = parse(cluster(1, 33))
    found = sharding.served(plan(1, wanted), before, parse(cluster(connected, back, failing=failing)))
    assert found == (back == 33 and connected == wanted and not failing)


@given(ALLOWED, st.integers(0, 2), st.integers(0, 2))
def test_who_failed_before_may_fail_afterwards_and_no_one_else(wanted: int, before: int, after: int) -> None:
    found = sharding.served(
        plan(1, wanted), parse(cluster(1, 32, failing=before)), parse(cluster(wanted, 32, failing=after))
    )
    assert found == (after <= before)


def test_the_wanted_number_of_before_the_restart_is_not_that_of_after_it() -> None:
    """Two of four shards are served by what is left of the coreapps, and two are wanted."""
    left, restarting = parse(cluster(2, 3)), parse(cluster(0, 2, failing=1))
    arrival = sharding.Arrival(plan(4, 2), left)
    assert [arrival.seen(left, 1), arrival.seen(restarting, 2), arrival.seen(left, 3)] == [False, False, True]
    # The restart may be over between two looks.
    arrival = sharding.Arrival(plan(4, 2), left)
    assert [arrival.seen(left, 44), arrival.seen(left, 45)] == [False, True]


def test_another_number_than_before_has_arrived_at_once() -> None:
    assert sharding.Arrival(plan(1, 2), parse(cluster(1, 3))).seen(parse(cluster(2, 3)), 0)
