# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cron table may say, and how often its jobs run. No I/O."""

from __future__ import annotations

import datetime as dt
import re
import typing as t
from functools import cache

_RANGES = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}
_NAMES = {
    "month": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    "weekday": ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
}
# Long enough for a 29th of February, and for each day of the month on each day of the week.
_FIRST_DAY, _DAYS = dt.date(2024, 1, 1), 366 * 9
_PART = re.compile(r"(\*|(?P<first>[a-z0-9]+)(-(?P<last>[a-z0-9]+))?)(/(?P<step>[0-9]{1,2}))?", re.ASCII)


def fits(field: str, text: str) -> bool:
    """Tell whether cron takes the text in this field; where one field is wrong it ignores the whole file."""
    return all(_is_part(field, part) for part in text.lower().split(","))


def meaning(field: str) -> str:
    """Say what the field takes."""
    least, most = _RANGES[field]
    names = f", {_NAMES[field][0]} to {_NAMES[field][-1]}" if field in _NAMES else ""
    return f"{least} to {most}{names}, *, ranges with - (from less to more), steps with /, separated by commas"


def _is_part(field: str, part: str) -> bool:
    found = _PART.fullmatch(part)
    if not found:
        return False
    ends = [value for value in found.group("first", "last") if value]
    if not all(_is_value(field, value) for value in ends) or found["step"] in ("0", "00"):
        return False
    # A range that passes midnight, or the end of the week, has no value for cron.
    return not found["last"] or _number(field, found["first"]) <= _number(field, found["last"])


def _is_value(field: str, value: str) -> bool:
    if not value.isdecimal():
        return value in _NAMES.get(field, ())
    return len(value) <= 2 and _RANGES[field][0] <= int(value) <= _RANGES[field][1]


def longest_pause(schedule: t.Mapping[str, str]) -> int | None:
    """The most days between two runs of a job, by its fields; None where it never runs."""
    return _pause(tuple(schedule[field] for field in _RANGES))


# Most hosts have the same one.
@cache
def _pause(fields: tuple[str, ...]) -> int | None:
    schedule = dict(zip(_RANGES, fields))
    days = [number for number in range(_DAYS) if _runs_on(schedule, _FIRST_DAY + dt.timedelta(days=number))]
    if not days:
        return None
    return max((later - day for day, later in zip(days, days[1:])), default=_DAYS)


def _runs_on(schedule: t.Mapping[str, str], day: dt.date) -> bool:
    """As cron has it: where day and weekday are both restricted, one of them is enough."""
    if day.month not in _values("month", schedule["month"]):
        return False
    of_month = day.day in _values("day", schedule["day"])
    of_week = day.isoweekday() % 7 in {value % 7 for value in _values("weekday", schedule["weekday"])}
    either = not (schedule["day"].startswith("*") or schedule["weekday"].startswith("*"))
    return of_month or of_week if either else of_month and of_week


def _values(field: str, text: str) -> set[int]:
    return {value for part in text.lower().split(",") for value in _of_part(field, part)}


def _of_part(field: str, part: str) -> range:
    """The values of a part that fits."""
    least, most = _RANGES[field]
    found = _PART.fullmatch(part)
    first, last, step = found.group("first", "last", "step") if found else (None, None, None)
    begin = _number(field, first) if first else least
    end = _number(field, last) if last else begin if first and not step else most
    return range(begin, end + 1, int(step or 1))


def _number(field: str, value: str) -> int:
    return int(value) if value.isdecimal() else _NAMES[field].index(value) + _RANGES[field][0]
