# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node is removed next, over all services."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.removal import next_removal
from hypothesis import given
from hypothesis import strategies as st


def one(service: str, number: str) -> dict[str, str]:
    return {"service": service, "id": number, "host": f"host{number}", "name": f"wabiz-{service}-1"}


def node(number: str, role: str, status: str = "disconnected", failing: bool = False) -> dict[str, Any]:
    errors = [{"code": 1014}] if failing else []
    return {"container_id": number, "role": role, "gateway_status": status, "errors": errors}


def test_coreapps_first_then_masters_then_webapps() -> None:
    surplus = [one("webapp", "1"), one("master", "2"), one("coreapp", "3")]
    nodes = [node("2", "secondary_master"), node("9", "primary_master"), node("3", "coreapp"), node("8", "coreapp")]
    order = []
    while surplus:
        chosen, objection, away = next_removal(surplus, nodes, 1)
        assert (objection, away) == (None, False)
        order.append(chosen["service"])
        surplus = [item for item in surplus if item["id"] != chosen["id"]]
    assert order == ["coreapp", "master", "webapp"]


def test_the_primary_master_goes_last_and_never_the_only_one() -> None:
    surplus = [one("master", "1"), one("master", "2")]
    nodes = [node("1", "primary_master"), node("2", "secondary_master")]
    assert next_removal(surplus, nodes, 0)[0]["id"] == "2"
    objection = next_removal(surplus[:1], nodes[:1], 0)[1]
    assert objection is not None and "no master would be left" in objection.problem
    assert next_removal(surplus[:1], [nodes[0], node("2", "secondary_master", failing=True)], 0)[1] is not None


def test_there_has_to_be_one() -> None:
    with pytest.raises(ValueError, match="no surplus"):
        next_removal([], [], 1)


STATUSES = st.lists(st.sampled_from(["connected", "disconnected", "error"]), min_size=1, max_size=6)


@given(STATUSES, st.integers(1, 4), st.data())
def test_never_fewer_healthy_coreapps_than_shards(statuses: list[str], shards: int, data: st.DataObject) -> None:
    nodes = [node(str(number), "coreapp", status, status == "error") for number, status in enumerate(statuses)]
    healthy = sum(status != "error" for status in statuses)
    numbers = data.draw(st.sets(st.sampled_from(range(len(statuses))), min_size=1))
    chosen, objection, away = next_removal([one("coreapp", str(number)) for number in numbers], nodes, shards)
    failing = statuses[int(chosen["id"])] == "error"
    assert (objection is None) == (failing or healthy - 1 >= shards)
    assert away == (objection is None and statuses[int(chosen["id"])] == "connected")
