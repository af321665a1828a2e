"""Wait for conditions, never for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class NotInTime(AssertionError):
    """A condition was not met in time."""


def wait_for(what: str, look: Callable[[], Found | None], limit: float, pause: float = 0.3) -> Found:
    """Return the first true result of ``look``.

    ``limit`` and ``pause`` in seconds; NotInTime with the last result when the limit has passed.
    """
    end = time.monotonic() + limit
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise NotInTime(f"{what}: not within {limit:.0f} s, last {found!r}")
        time.sleep(pause)
