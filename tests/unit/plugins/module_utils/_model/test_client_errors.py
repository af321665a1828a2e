# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors in answers, of whatever shape."""

from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._model.client_errors import ErrorItem, parse_errors
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_errors_of_any_shape_are_read(raw: Any) -> None:
    for item in parse_errors(raw):
        assert item.code is None or item.code >= 0
        assert str(item)


@given(st.integers(1000, 2100), st.text(max_size=30), st.text(max_size=30))
def test_errors_keep_code_title_and_details(code: int, title: str, details: str) -> None:
    entry = {"code": code, "title": title, "details": details, "href": "x"}
    assert parse_errors([entry]) == [ErrorItem(code, title, details)]
    assert parse_errors({**entry, "code": str(code)}) == [ErrorItem(code, title, details)]
