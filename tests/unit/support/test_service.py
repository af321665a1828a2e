"""Seconds without service out of the gateway's journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.lab.service import unserved

START = datetime(2026, 11, 21, tzinfo=UTC)


def event(second: float, kind: str, session: int, shard: int = 0) -> dict[str, Any]:
    return {"time": (START + timedelta(seconds=second)).isoformat(), "event": kind, "session": session, "shard": shard}


def test_what_was_before_does_not_count() -> None:
    events = [event(-9, "connected", 1), event(-5, "disconnected", 1), event(-2, "connected", 2), event(9, "banned", 0)]
    assert unserved(events, START, 1) == {0: 0.0}


def test_gaps_of_a_shard_add_up() -> None:
    events = [
        event(-9, "connected", 1),
        event(1, "disconnected", 1),
        event(3, "connected", 2),
        event(5, "disconnected", 2),
        event(9, "connected", 3),
    ]
    assert unserved(events, START, 1) == {0: 6.0}


def test_a_new_shard_is_without_service_from_the_first_loss_on() -> None:
    events = [
        event(-9, "connected", 1),
        event(1, "disconnected", 1),
        event(4, "connected", 2, shard=1),
        event(5, "connected", 3),
    ]
    assert unserved(events, START, 2) == {0: 4.0, 1: 3.0}


def test_a_replacement_without_a_gap_costs_nothing() -> None:
    events = [event(-9, "connected", 1), event(2, "replaced", 1), event(2, "connected", 2)]
    assert unserved(events, START, 1) == {0: 0.0}


def test_one_that_is_still_without_service_counts() -> None:
    events = [event(-9, "connected", 1), event(2, "disconnected", 1), event(6, "connected", 9, shard=7)]
    assert unserved(events, START, 1) == {0: 4.0}
