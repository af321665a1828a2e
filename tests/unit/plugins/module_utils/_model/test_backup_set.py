# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backups newer ones replace."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.backup_set import PARTS, outdated
from hypothesis import given
from hypothesis import strategies as st

ALL, SMALL, MEDIA = ["settings", "database", "certificates"], ["settings"], ["media"]


@pytest.mark.parametrize(
    ("held", "keep", "removed"),
    [
        ([], 1, []),
        ([ALL, ALL, ALL], 2, [0]),
        # Small ones push out no complete one, a complete one replaces small ones.
        ([ALL, SMALL, SMALL, SMALL], 1, [1, 2]),
        ([SMALL, SMALL, ALL], 1, [0, 1]),
        ([SMALL, MEDIA, SMALL, MEDIA], 1, [0, 1]),
        ([ALL, MEDIA, ALL, SMALL], 2, []),
    ],
)
def test_what_newer_ones_replace(held: list[list[str]], keep: int, removed: list[int]) -> None:
    assert outdated({str(place): parts for place, parts in enumerate(held)}, keep) == [str(one) for one in removed]


@given(st.lists(st.sets(st.sampled_from(PARTS), min_size=1), max_size=12), st.integers(1, 4))
def test_of_each_choice_of_parts_enough_that_hold_it_stay(held: list[set[str]], keep: int) -> None:
    old = set(outdated({str(place): parts for place, parts in enumerate(held)}, keep))
    stay = [parts for place, parts in enumerate(held) if str(place) not in old]
    for place, parts in enumerate(held):
        there = sum(parts <= one for one in stay)
        assert there >= min(keep, sum(parts <= one for one in held))
        # A second look removes no more, and of one choice no more than wanted stay.
        assert sum(parts == one for one in stay) <= keep, place
    assert outdated({str(place): parts for place, parts in enumerate(stay)}, keep) == []
