# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dictionaries in dictionaries."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig, drop_none, flatten, nest
from hypothesis import given
from hypothesis import strategies as st

KEY = st.text("abc_", min_size=1, max_size=4)
LEAF = st.booleans() | st.integers(-5, 5) | st.text("xyz", max_size=3) | st.lists(st.sampled_from("ab"), max_size=2)
TREE = st.recursive(
    st.dictionaries(KEY, LEAF, max_size=3), lambda inner: st.dictionaries(KEY, LEAF | inner, max_size=3)
)


@given(TREE)
def test_flatten_and_nest_are_inverse(tree: dict[str, Any]) -> None:
    flat = flatten(tree)
    assert flatten(nest(flat)) == flat


def test_options_that_were_not_given_vanish() -> None:
    given_options = {"a": None, "b": {"c": None, "d": False}, "e": {"f": None}, "g": {}, "h": 0}
    assert drop_none(given_options) == {"b": {"d": False}, "g": {}, "h": 0}


@pytest.mark.parametrize("data", [None, 5, [], {"a": None}, {"a": [1]}])
def test_dig_copes_with_anything(data: Any) -> None:
    assert dig(data, "a", "b") is None
