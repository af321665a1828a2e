# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of each log is taken where all of them together are too much. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Log:
    """One log: its size in bytes, whether it is a file that is C(written) (seconds since 1970), or a stream (None)."""

    name: str
    size: int
    written: float | None = None


def shares(logs: t.Sequence[Log], limit: int) -> dict[str, int]:
    """How many bytes of the end of each log are taken, by name; together no more than the limit.

    Streams get at least half of it, evenly, as they tell of each container; of files the newest come first.
    """
    streams = [log for log in logs if log.written is None]
    files = sorted((log for log in logs if log.written is not None), key=lambda log: (-(log.written or 0), log.name))
    room = max(limit // 2, limit - sum(log.size for log in files))
    taken = _evenly(streams, room)
    left = limit - sum(taken.values())
    for log in files:
        taken[log.name] = min(log.size, left)
        left -= taken[log.name]
    return taken


def _evenly(logs: t.Sequence[Log], room: int) -> dict[str, int]:
    """The same for each, where it has as much; what small ones leave goes to the larger ones."""
    taken: dict[str, int] = {}
    for done, log in enumerate(sorted(logs, key=lambda log: (log.size, log.name))):
        taken[log.name] = min(log.size, room // (len(logs) - done))
        room -= taken[log.name]
    return taken
