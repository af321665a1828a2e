# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import from_report, parse
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import NOT_READY, cluster
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def test_single_instance_before_registration() -> None:
    found = parse({"gateway_status": "unregistered"})
    assert (found.single, found.registered, len(found.nodes)) == (True, False, 1)
    assert found.summary()["single_instance"]


def test_single_instance_connected() -> None:
    found = parse({"gateway_status": "connected"})
    assert (found.registered, len(found.connected_coreapps)) == (True, 1)


def test_single_instance_with_errors() -> None:
    found = parse(NOT_READY)
    assert (found.single, found.registered) == (True, None)
    assert found.nodes[0].not_ready


@pytest.mark.parametrize("payload", [None, {}])
def test_no_node(payload: Any) -> None:
    found = parse(payload)
    assert (found.nodes, found.registered) == ((), None)


@pytest.mark.parametrize("payload", [[], "x", 5])
def test_not_an_object(payload: Any) -> None:
    with pytest.raises(ValueError, match="expected an object"):
        parse(payload)


@pytest.mark.parametrize(
    ("key", "host", "container_id"),
    [
        ("app1:0123456789ab", "app1", "0123456789ab"),
        ("10.0.0.7:0123456789ab", "10.0.0.7", "0123456789ab"),
        ("fe80::1:0123456789ab", "fe80::1", "0123456789ab"),
        ("app1", "app1", None),
    ],
)
def test_names_are_split(key: str, host: str, container_id: str | None) -> None:
    node = parse({key: NOT_READY}).nodes[0]
    assert (node.host, node.container_id, node.name) == (host, container_id, key)


@given(st.dictionaries(st.text(max_size=12), JSON, max_size=4))
def test_a_module_s_result_is_the_same_model_again(payload: Any) -> None:
    found = parse(payload)
    told = json.loads(json.dumps({"nodes": [node.as_dict() for node in found.nodes], "summary": found.summary()}))
    assert from_report(told) == found


@given(JSON)
def test_any_answer_is_understood_or_refused(payload: Any) -> None:
    try:
        found = parse(payload)
    except ValueError:
        assert not isinstance(payload, dict)
        return
    summary = found.summary()
    assert summary["nodes"] == len(found.nodes)
    assert summary["connected_coreapps"] <= len(found.nodes)
    assert str(found)


def test_the_primary_master_decides_about_registration() -> None:
    nodes = cluster(0, 2, registered=False)
    nodes["core9:0123456789ab"] = {"gateway_status": "disconnected", "role": "coreapp"}
    assert parse(nodes).registered is False
