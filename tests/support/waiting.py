"""Wait for conditions, never for time to pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class NotInTime(AssertionError):
    """A condition did not come true in time."""


def wait_for(what: str, look: Callable[[], Found | None], limit: float, pause: float = 0.3) -> Found:
    """Return the first answer of ``look`` that is true.

    ``limit`` and ``pause`` in seconds; NotInTime, which quotes the last answer, when the limit has passed.
    """
    end = time.monotonic() + limit
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise NotInTime(f"{what}: not within {limit:.0f} s, last {found!r}")
        time.sleep(pause)
