# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client's statistics and support information say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model import stats
from hypothesis import given
from hypothesis import strategies as st

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def metric(*values: Any) -> dict[str, Any]:
    """Return a metric with these values."""
    return {"db_messages": {"data": [{"labels": {}, "value": value} for value in values]}}


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (metric(1, 2), 3),
        ({"a:1": {}, "b:1": metric(1, 2)}, 3),
        ({"a:1": metric(1), "b:1": metric(2)}, 3),
        ({"a:1": {}}, None),
        (metric(), None),
        (metric("many"), None),
        (None, None),
        ([], None),
        ({}, None),
        (metric(0), 0),
    ],
)
def test_totals(section: Any, expected: int | None) -> None:
    assert stats.total(section, "db_messages") == expected


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20))
def test_any_moment_is_read_or_ignored(value: Any) -> None:
    moment = stats.moment(value)
    assert moment is None or moment.utcoffset() == dt.timedelta()


def test_the_first_expiry_counts() -> None:
    support = {"a:1": {"expire_timestamp": 2_000_000_000}, "b:1": {"expire_timestamp": "1900000000"}, "c:1": {}}
    assert stats.earliest_expiry(support) == dt.datetime.fromtimestamp(1_900_000_000, dt.UTC)


@pytest.mark.parametrize(
    ("support", "days"),
    [
        ({"e2e": {"identity_timestamp": NOW.timestamp() - 86400}, "schema": {}, "context": "x"}, 1.0),
        ({"a:1": {"e2e": {"identity_timestamp": str(int(NOW.timestamp()) - 864000)}}, "b:1": {}}, 10.0),
        ({"a:1": {"e2e": None}}, None),
        ({"a:1": {"e2e": [1]}, "b:1": {"e2e": "x"}}, None),
        (None, None),
        ({}, None),
    ],
)
def test_the_age_of_a_registration(support: Any, days: float | None) -> None:
    assert stats.registration_age_days(support, NOW) == days
