# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that are quoted."""

from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.excerpt import MAXIMUM_QUOTE, shorten
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(max_size=2000))
def test_a_shortened_text_is_short_and_holds_whole_words_only(text: str) -> None:
    short = shorten(text)
    assert len(short) <= MAXIMUM_QUOTE
    if short != text:
        kept = short.rpartition("... [")[0]
        assert text.startswith(kept)
        assert not kept or text[len(kept)].isspace()


def test_a_word_that_is_cut_is_omitted() -> None:
    assert shorten("before " + "S3cret" * 200) == "before... [1207 characters]"
