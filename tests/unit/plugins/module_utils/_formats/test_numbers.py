# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as people write them."""

from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.numbers import ranges
from hypothesis import given
from hypothesis import strategies as st


def test_neighbours_are_one_range() -> None:
    assert ranges([6253, 6250, 6251, 6252, 9090, 9090]) == "6250-6253, 9090"
    assert ranges([]) == ""


@given(st.sets(st.integers(0, 40)))
def test_every_number_is_in_exactly_one_range(numbers: set[int]) -> None:
    spans = [list(map(int, part.split("-"))) for part in ranges(numbers).split(", ") if part]
    assert [number for span in spans for number in range(span[0], span[-1] + 1)] == sorted(numbers)
