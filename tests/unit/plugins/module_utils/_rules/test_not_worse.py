# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts beyond a limited run, and what the cluster has to be after a replacement."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model import health
from ansible_collections.wabiz.onprem.plugins.module_utils._model.client_errors import ErrorItem
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expectation import Expectation, evaluate
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.replacement import not_worse, outsiders
from hypothesis import given
from hypothesis import strategies as st

NOT_READY = ErrorItem(health.NOT_READY, "not ready", "")
BROKEN = ErrorItem(1014, "internal error", "")


def node(host: str, number: str, role: str | None = "coreapp", *errors: ErrorItem) -> health.Node:
    status = None if errors else "connected" if role == "coreapp" else "disconnected"
    return health.Node(host, number, role, status, errors)


CLUSTER = health.Health(
    (
        node("core1", "a"),
        node("core1", "b", None, BROKEN),
        node("core2", "c"),
        node("m1", "d", "primary_master"),
        node("m2", "e", "secondary_master"),
    )
)


def expectation(
    found: health.Health, number: str, address: str, service: str = "coreapp", shards: int = 2
) -> dict[str, Any]:
    nodes = [one.as_dict() for one in found.nodes]
    return not_worse({"id": number, "service": service}, address, nodes, found.summary(), shards)


# --- hosts beyond the run -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "names"), [("webapp", []), ("master", ["m2:e"]), ("coreapp", ["core1:a", "core2:c"])]
)
def test_what_answers_on_hosts_beyond_the_run_counts(service: str, names: list[str]) -> None:
    found = outsiders(service, [one.as_dict() for one in CLUSTER.nodes], ["m1"])
    assert [one["name"] for one in found] == names
    assert all(one == {"host": "", "name": f"{one['name']}", "id": one["name"][-1]} for one in found)


def test_where_every_host_takes_part_none_is_beyond() -> None:
    everybody = {"core1", "core2", "m1", "m2"}
    assert outsiders("coreapp", [one.as_dict() for one in CLUSTER.nodes], everybody) == []


# --- afterwards -----------------------------------------------------------------------------------------------------


def test_the_new_node_answers_and_nothing_is_worse() -> None:
    assert expectation(CLUSTER, "a", "core1") == {
        # The new one; its neighbour was broken before.
        "hosts": ["core1"],
        "masters": 2,
        "coreapps": 2,
        "max_errors": 1,
        "shards": 2,
    }


def test_a_neighbour_that_answered_has_to_answer_again() -> None:
    assert expectation(CLUSTER, "b", "core1")["hosts"] == ["core1", "core1"]


def test_a_webapp_is_not_in_the_health() -> None:
    assert expectation(CLUSTER, "x", "core1", "webapp")["hosts"] == ["core1"]
    assert expectation(CLUSTER, "x", "web1", "webapp")["hosts"] == []


def test_shards_without_service_are_not_waited_for() -> None:
    assert "shards" not in expectation(CLUSTER, "a", "core1", shards=3)


def test_before_registration_every_node_has_an_error_and_counts() -> None:
    waiting = health.Health(
        (node("core1", "a", None, NOT_READY), node("core1", "b", None, NOT_READY), node("m1", "d", "primary_master"))
    )
    primary = {**waiting.nodes[2].__dict__, "gateway_status": "unregistered"}
    found = health.Health((*waiting.nodes[:2], health.Node(**primary)))
    assert expectation(found, "a", "core1", shards=1) == {
        "hosts": ["core1", "core1"],
        "masters": 1,
        "coreapps": 0,
        "max_errors": 2,
    }


def test_a_cluster_that_did_not_answer_sets_no_example() -> None:
    assert not_worse({"id": "", "service": "webapp"}, "web1", [], {}, 2) == {}


PLACES = st.tuples(st.sampled_from(["core1", "core2"]), st.sampled_from(["coreapp", "secondary_master", None]))


@given(st.lists(PLACES, min_size=1, max_size=6), st.integers(0, 5), st.integers(1, 3))
def test_a_cluster_that_is_as_before_is_not_worse(
    places: list[tuple[str, str | None]], which: int, shards: int
) -> None:
    """Once the new node answers, whatever was broken before may be so still."""
    nodes = [node(host, str(number), role, *(() if role else (BROKEN,))) for number, (host, role) in enumerate(places)]
    before = health.Health((*nodes, node("m1", "p", "primary_master")))
    old = nodes[which % len(nodes)]
    service = "master" if old.role == "secondary_master" else "coreapp"
    asked = expectation(before, old.container_id or "", old.host or "", service, shards)
    # What was broken itself answers in its role now.
    renewed = health.Node(old.host, "new", old.role or "coreapp", old.gateway_status or "disconnected")
    after = health.Health(tuple(renewed if one is old else one for one in before.nodes))
    wanted = Expectation(**{**asked, "hosts": tuple(asked["hosts"])})
    assert evaluate(after, wanted) == []
    gone = health.Health(tuple(one for one in before.nodes if one is not old))
    assert evaluate(gone, wanted)
