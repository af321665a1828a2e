# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a job of cron runs."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.cron import fits, longest_pause
from hypothesis import given
from hypothesis import strategies as st

DAILY = {"minute": "17", "hour": "3", "day": "*", "month": "*", "weekday": "*"}


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ({}, 1),
        ({"minute": "*", "hour": "*/2"}, 1),
        ({"weekday": "7"}, 7),
        ({"weekday": "Mon-Fri"}, 3),
        ({"weekday": "sun,wed"}, 4),
        ({"day": "1"}, 31),
        ({"day": "*/2"}, 2),
        ({"day": "1", "weekday": "1"}, 7),  # either of them
        ({"day": "*/2", "weekday": "1"}, 21),  # both of them, since the day begins with *
        ({"month": "jan", "day": "1"}, 366),
        ({"month": "2", "day": "29"}, 4 * 365 + 1),
        ({"month": "2", "day": "30"}, None),
        ({"day": "5/10"}, 11),
    ],
)
def test_the_longest_pause(fields: dict[str, str], days: int | None) -> None:
    assert longest_pause({**DAILY, **fields}) == days


@pytest.mark.parametrize(
    ("field", "text", "taken"),
    [
        ("hour", "22-4", False),
        ("hour", "22-23,0-4", True),
        ("hour", "4-4", True),
        ("weekday", "fri-sun", False),
        ("weekday", "5-7", True),
        ("month", "nov-2", False),
        ("minute", "50-10/5", False),
    ],
)
def test_a_range_from_more_to_less_never_comes(field: str, text: str, taken: bool) -> None:
    assert fits(field, text) == taken


PARTS = st.builds(
    lambda part, step: part + step,
    st.sampled_from(["*", "1", "2-5", "feb", "feb-apr", "mon-fri", "31", "12"]),
    st.sampled_from(["", "/2", "/99"]),
)


@given(*(st.lists(PARTS, min_size=1, max_size=3).map(",".join) for _field in range(3)))
def test_whatever_fits_has_a_pause(day: str, month: str, weekday: str) -> None:
    fields = {**DAILY, "day": day, "month": month, "weekday": weekday}
    if all(fits(field, text) for field, text in fields.items()):
        pause = longest_pause(fields)
        assert pause is None or pause >= 1
