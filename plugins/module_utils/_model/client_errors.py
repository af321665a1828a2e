# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that the client names in its answers."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.excerpt import shorten

# So many errors of one answer are read.
MAXIMUM_ERRORS = 20


class ErrorItem(NamedTuple):
    """One element of the C(errors) list in an answer."""

    code: int | None
    title: str
    details: str

    def __str__(self) -> str:
        head = " ".join(part for part in (str(self.code) if self.code is not None else "", self.title) if part)
        return ": ".join(part for part in (head, self.details) if part) or "no reason given"

    def as_dict(self) -> dict[str, Any]:
        """Return code, title and details for a module's result."""
        return self._asdict()


def parse_errors(raw: Any) -> list[ErrorItem]:
    """Read an C(errors) value of any shape the client may send; unusable parts become empty."""
    entries = raw if isinstance(raw, list) else [raw]
    return [_parse_error(entry) for entry in entries if isinstance(entry, dict)][:MAXIMUM_ERRORS]


def _parse_error(entry: dict[str, Any]) -> ErrorItem:
    code = entry.get("code")
    number = int(code) if isinstance(code, (int, str)) and re.fullmatch(r"\d{1,9}", str(code)) else None
    return ErrorItem(number, shorten(str(entry.get("title") or "")), shorten(str(entry.get("details") or "")))
