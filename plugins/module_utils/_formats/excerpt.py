# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of others, as far as they are quoted."""

from __future__ import annotations

import re

# Longer ones are shortened.
MAXIMUM_QUOTE = 500

_CREDENTIALS = re.compile(r"\b(Basic|Bearer|Apikey)\s+[^\s<>\"']+", re.IGNORECASE)


def shorten(text: str) -> str:
    """Return a text that may be quoted: not longer than MAXIMUM_QUOTE, and cut between words.

    A word that is cut in two could be half of a secret, which is not recognised as one any more.
    """
    if len(text) <= MAXIMUM_QUOTE:
        return text
    end = f"... [{len(text)} characters]"
    whole = re.match(r"(.*)\s", text[: MAXIMUM_QUOTE - len(end)], re.DOTALL)
    return (whole.group(1).rstrip() if whole else "") + end


def excerpt_of(text: str) -> str:
    """Return the start of an answer that is not the client's, on one line and without credentials.

    What looks like JSON may be half of an answer of the client with a token in it; nothing is shown of that.
    """
    page = text.partition("{")[0].strip()
    if page[:1] in ("[", '"'):
        return ""
    printable = "".join(char if char.isprintable() else " " for char in page)
    return shorten(_CREDENTIALS.sub(r"\1 ***", " ".join(printable.split())))
