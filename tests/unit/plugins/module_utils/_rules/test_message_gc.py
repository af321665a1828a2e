# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of a collection, by the number of messages or by the client's callbacks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.message_gc import rounds, verdict
from hypothesis import given
from hypothesis import strategies as st

NODES = {"core1:1": "processing", "core2:2": "processing"}


def collected(before: int | None = 100, after: int | None = 50, **more: Any) -> dict[str, Any]:
    return {"runs": 1, "nodes": NODES, "messages_before": before, "messages_after": after, **more}


def callbacks(**statuses: str) -> str:
    """A webhook's bodies, with others among them."""
    gc = [{"node": node.replace("_", ":"), "status": status} for node, status in statuses.items()]
    services = [{"services": [{"message": {"gc": one}}]} for one in gc]
    return json.dumps([{"messages": [{}]}, {"services": [{"media": {"gc": {"status": "failed"}}}]}, *services])


@pytest.mark.parametrize(
    ("before", "after", "again"),
    [(100, 50, True), (100, 100, False), (100, 10, False), (100, 120, False), (None, 50, False), (100, None, False)],
)
def test_without_callbacks_the_number_counts(before: int | None, after: int | None, again: bool) -> None:
    found = verdict(collected(before, after), "", 10)
    assert (found["again"], found["failed"], found["problem"]) == (again, [], "")


def test_callbacks_count_more_than_the_number() -> None:
    done = verdict(collected(), callbacks(core1_1="complete", core2_2="complete"), 10)
    assert (done["again"], done["failed"], done["missing"]) == (False, [], [])
    failed = verdict(collected(100, 100), callbacks(core1_1="failed", core2_2="complete"), 10)
    assert (failed["again"], failed["failed"]) == (True, ["core1:1"])
    assert failed["text"] == ["Messages before: 100, after: 100.", "The collection failed on core1:1."]


def test_a_node_without_a_callback_is_named() -> None:
    found = verdict(collected(), callbacks(core1_1="complete"), 10)
    assert (found["again"], found["missing"]) == (False, ["core2:2"])
    assert found["text"][-1] == "No callback came from core2:2."


def test_a_single_client_names_no_node() -> None:
    text = json.dumps([{"services": [{"message": {"gc": {"status": "failed", "errors": []}}}]}])
    found = verdict(collected(nodes={"single instance": "processing"}), text, 10)
    assert (found["failed"], found["missing"]) == ([""], [])
    assert found["text"][-1] == "The collection failed on the coreapp."


@pytest.mark.parametrize("text", ["{}", "x", "[" * 100_000, '"a"'])
def test_what_is_no_list_is_told(text: str) -> None:
    assert "no JSON list" in verdict(collected(), text, 10)["problem"]


def test_what_was_not_done_is_said() -> None:
    found = verdict({"runs": 0, "messages_before": 5, "skipped_reason": "5 messages are not more than 10"}, "", 10)
    assert (found["again"], found["text"]) == (False, ["Nothing was collected: 5 messages are not more than 10."])


JSON = st.recursive(
    st.none() | st.integers() | st.sampled_from(["services", "failed", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["services", "message", "gc", "status", "node"]), inner, max_size=3)
    ),
)


@given(JSON)
def test_whatever_a_site_prints_is_judged(said: Any) -> None:
    found = verdict(collected(), json.dumps(said), 10)
    assert isinstance(found["again"], bool) and found["text"]


@given(st.none() | st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 20))
def test_never_more_often_than_allowed(messages: int | None, above: int, most: int) -> None:
    count = rounds(messages, above, most)
    assert 0 <= count <= most
    assert (count == 0) == (messages is not None and messages <= above)
