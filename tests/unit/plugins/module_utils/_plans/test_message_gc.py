# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When message_gc.yml does anything, and when it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verbs import VERBS
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._plans.observed_clusters import (
    cluster,
    container,
)

WISH = {
    "message_gc_above": 2_000_000,
    "message_gc_runs": 4,
    "message_gc_read": True,
    "message_gc_window": None,
    "message_gc_force": False,
}


def planned(messages: int | None = 3_000_000, health: Any = None, stats: Any = None, **wish: Any) -> dict[str, Any]:
    found = cluster()
    snapshot = {"health": health or found.health, "stats": stats or {"messages": messages}}
    return VERBS["message_gc"](Facts(found.topology, {**WISH, **wish}, found.reports, snapshot, "2026-03-01"))


@pytest.mark.parametrize(
    ("messages", "rounds"), [(0, 0), (2_000_000, 0), (2_000_001, 1), (10_000_000, 1), (10_000_001, 4)]
)
def test_how_often_it_may_be_started(messages: int, rounds: int) -> None:
    found = planned(messages)
    assert (found["rounds"], found["refusals"]) == (rounds, [])


def test_nothing_is_removed_while_the_schema_is_upgraded() -> None:
    upgrades = container("core1", "", name="wabiz-dbupgrade", client="dbupgrade", version="2.57.2")
    reports = {"core1": {"containers": [upgrades]}}
    found = cluster()
    snapshot = {"health": found.health, "stats": {"messages": 3_000_000}}
    plan = VERBS["message_gc"](Facts(found.topology, WISH, reports, snapshot, "2026-03-01"))
    assert plan["refusals"][0].startswith("core1: container wabiz-dbupgrade is upgrading the schema")


def test_what_it_is_going_to_do_is_said() -> None:
    assert planned(5)["text"] == ["Nothing to do: 5 messages are not more than 2000000 (wabiz_message_gc_above)."]
    first = planned(20_000_000, message_gc_window="01:30-05:00")["text"][0]
    assert first.endswith("up to 4 times, as long as messages become fewer, within 01:30-05:00.")
    assert planned()["text"][0].endswith("old ones are removed once.")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"message_gc_read": False}, "wabiz_message_gc_read: true"),
        ({"health": {"msg": "no connection"}}, "no connection"),
        ({"health": {**cluster().health, "summary": {"registered": False}}}, "register"),
        ({"stats": {"msg": "HTTP 500."}}, "not known: HTTP 500."),
        ({"stats": {"messages": None}}, "not known: no node reports it."),
    ],
)
def test_it_refuses(given: dict[str, Any], words: str) -> None:
    found = planned(**given)
    (refusal,) = found["refusals"]
    assert words in refusal
    assert any(line.startswith("Refused: ") for line in found["text"])


def test_nobody_has_to_state_anything_where_there_is_nothing_to_do() -> None:
    assert planned(5, message_gc_read=False)["refusals"] == []
