# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of each log is taken."""

from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.log_shares import Log, shares
from hypothesis import given
from hypothesis import strategies as st

SIZES = st.integers(0, 10**6)
LOGS = st.lists(st.tuples(SIZES, st.none() | st.integers(0, 9)), max_size=12).map(
    lambda found: [Log(f"log {number}", size, written) for number, (size, written) in enumerate(found)]
)


@given(LOGS, st.integers(0, 10**6))
def test_no_more_than_the_limit_and_none_more_than_it_has(logs: list[Log], limit: int) -> None:
    taken = shares(logs, limit)
    assert set(taken) == {log.name for log in logs}
    assert sum(taken.values()) <= limit
    assert all(0 <= taken[log.name] <= log.size for log in logs)


@given(LOGS)
def test_what_fits_is_taken_as_a_whole(logs: list[Log]) -> None:
    assert shares(logs, sum(log.size for log in logs)) == {log.name: log.size for log in logs}


def test_each_container_has_its_share_and_the_newest_files_come_first() -> None:
    logs = [Log("large", 900), Log("small", 10), Log("old", 300, 1), Log("new", 300, 3), Log("older", 300, 0)]
    assert shares(logs, 1000) == {"small": 10, "large": 490, "new": 300, "old": 200, "older": 0}


def test_streams_have_what_files_leave() -> None:
    assert shares([Log("stream", 900), Log("file", 100, 1)], 1000) == {"stream": 900, "file": 100}
