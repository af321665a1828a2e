# SPDX-License-Identifier: GPL-3.0-or-later
"""Report the progress of a long verb."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

Report = Callable[[str], None]


def say(text: str) -> None:
    """Prints a line in one piece, also if other threads print."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def reporter() -> Report:
    """Prints lines with the seconds since now."""
    begin = time.monotonic()
    return lambda text: say(f"[{time.monotonic() - begin:5.1f} s] {text}")
