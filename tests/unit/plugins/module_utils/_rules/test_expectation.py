# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be expected of a cluster, and what is said to be missing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import parse
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expectation import Expectation, evaluate
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import NOT_READY, cluster
from hypothesis import given
from hypothesis import strategies as st

SMALL = st.integers(0, 6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def names(found: list[Finding]) -> set[str]:
    """Return which expectations are not met."""
    return {item.where for item in found}


def test_a_single_instance_is_no_cluster() -> None:
    assert names(evaluate(parse({"gateway_status": "unregistered"}), Expectation())) == {"cluster"}


@pytest.mark.parametrize("payload", [None, {}])
def test_it_is_unknown_whether_a_number_is_registered(payload: Any) -> None:
    assert "registration" in names(evaluate(parse(payload), Expectation()))


@given(st.dictionaries(st.text(max_size=12), JSON, max_size=4))
def test_any_answer_can_be_judged(payload: Any) -> None:
    evaluate(parse(payload), Expectation(masters=1, coreapps=1, shards=1, hosts=("a",)))


@given(coreapps=st.integers(1, 6))
def test_one_expectation_holds_before_and_after_registration(coreapps: int) -> None:
    wanted = Expectation(masters=2, coreapps=coreapps, shards=1)
    assert not evaluate(parse(cluster(1, coreapps)), wanted)
    assert not evaluate(parse(cluster(0, coreapps, registered=False)), wanted)


@given(coreapps=st.integers(1, 6), connected=SMALL, shards=SMALL)
def test_shards_means_exactly_that_many_connected(coreapps: int, connected: int, shards: int) -> None:
    found = parse(cluster(connected, coreapps))
    unmet = evaluate(found, Expectation(shards=shards))
    assert ("shards" in names(unmet)) == (min(connected, coreapps) != shards)


@given(masters=SMALL, coreapps=SMALL, present=SMALL)
def test_counts_are_at_least(masters: int, coreapps: int, present: int) -> None:
    unmet = names(evaluate(parse(cluster(1, present)), Expectation(masters=masters, coreapps=coreapps)))
    assert ("masters" in unmet) == (masters > 2)
    assert ("coreapps" in unmet) == (coreapps > present)


@given(masters=SMALL, coreapps=SMALL, present=SMALL)
def test_before_registration_nodes_without_a_role_stand_for_either(masters: int, coreapps: int, present: int) -> None:
    found = parse(cluster(0, present, registered=False))
    unmet = evaluate(found, Expectation(masters=masters, coreapps=coreapps))
    # One primary master, and present + 1 nodes of which the role is not known.
    missing = max(0, masters - 1) + coreapps
    assert ("nodes" in names(unmet)) == (missing > present + 1)
    assert "errors" not in names(unmet)


@given(failing=SMALL, allowed=SMALL)
def test_errors_after_registration(failing: int, allowed: int) -> None:
    unmet = names(evaluate(parse(cluster(1, 2, failing=failing)), Expectation(max_errors=allowed)))
    assert ("errors" in unmet) == (failing > allowed)


def test_another_error_than_1011_is_an_error_before_registration_too() -> None:
    nodes = {**cluster(0, 1, registered=False), "bad:0123456789ab": {"errors": [{"code": 1023}]}}
    assert names(evaluate(parse(nodes), Expectation(hosts=("bad",)))) == {"errors", "hosts"}


@pytest.mark.parametrize(
    ("registered", "wanted", "met"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, True), (True, None, True)],
)
def test_registered(registered: bool, wanted: bool | None, met: bool) -> None:
    found = parse(cluster(1, 2, registered=registered))
    assert found.registered is registered
    assert ("registration" not in names(evaluate(found, Expectation(registered=wanted)))) == met


def test_a_cluster_that_starts_does_not_know() -> None:
    nodes = {"app1:0123456789ab": {"gateway_status": "uninitialized", "role": "primary_master"}, "b:1": NOT_READY}
    assert parse(nodes).registered is None
    assert names(evaluate(parse(nodes), Expectation(masters=1))) == {"registration"}


@pytest.mark.parametrize("primaries", [0, 2])
def test_exactly_one_primary_master(primaries: int) -> None:
    nodes = cluster(1, 2)
    nodes["app1:0123456789ab"]["role"] = "secondary_master" if primaries == 0 else "primary_master"
    nodes["app2:0123456789ab"]["role"] = "secondary_master" if primaries == 0 else "primary_master"
    found = parse(nodes)
    assert found.summary()["primary_master"] is None
    assert names(evaluate(found, Expectation())) == {"primary_masters"}
    assert not evaluate(found, Expectation(primary_masters=primaries))


def test_the_masters_own_gateway_status_does_not_matter() -> None:
    nodes = cluster(2, 3)
    nodes["app1:0123456789ab"]["gateway_status"] = "connected"
    assert not evaluate(parse(nodes), Expectation(shards=2))


@pytest.mark.parametrize(
    ("hosts", "met"),
    [
        (("app1", "core0"), True),
        (("app1", "app1"), False),
        (("core2",), False),
        (("elsewhere",), False),
        ((), True),
    ],
)
def test_hosts(hosts: tuple[str, ...], met: bool) -> None:
    found = parse(cluster(1, 2, failing=1))
    assert ("hosts" not in names(evaluate(found, Expectation(hosts=hosts, max_errors=1)))) == met


def test_what_is_missing_names_nodes_and_remedy() -> None:
    text = " ".join(str(item) for item in evaluate(parse(cluster(0, 2)), Expectation(shards=1)))
    assert "wanted exactly 1 connected coreapps, found 0" in text
    assert "g.whatsapp.net" in text
