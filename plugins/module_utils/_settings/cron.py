# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether text is a field of a cron table. No I/O."""

from __future__ import annotations

import re

_RANGES = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}
_NAMES = {
    "month": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    "weekday": ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
}
_PART = re.compile(r"(\*|(?P<first>[a-z0-9]+)(-(?P<last>[a-z0-9]+))?)(/(?P<step>[0-9]{1,2}))?", re.ASCII)


def fits(field: str, text: str) -> bool:
    """Tell whether cron takes the text in this field; where one field is wrong it ignores the whole file."""
    return all(_is_part(field, part) for part in text.lower().split(","))


def meaning(field: str) -> str:
    """Say what the field takes."""
    least, most = _RANGES[field]
    names = f", {_NAMES[field][0]} to {_NAMES[field][-1]}" if field in _NAMES else ""
    return f"{least} to {most}{names}, *, ranges with -, steps with /, separated by commas"


def _is_part(field: str, part: str) -> bool:
    found = _PART.fullmatch(part)
    if not found:
        return False
    ends = [value for value in found.group("first", "last") if value]
    return all(_is_value(field, value) for value in ends) and found["step"] not in ("0", "00")


def _is_value(field: str, value: str) -> bool:
    if not value.isdecimal():
        return value in _NAMES.get(field, ())
    return len(value) <= 2 and _RANGES[field][0] <= int(value) <= _RANGES[field][1]
