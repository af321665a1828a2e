# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask again until something holds or the time is over."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable, Generic, TypeVar

from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ClientError

Found = TypeVar("Found")


@dataclass
class Outcome(Generic[Found]):
    """How the polling ended: the last thing found, or the last error where the last question failed."""

    done: bool = False
    found: Found | None = None
    error: ClientError | None = None
    polls: int = 0
    seconds: float = 0.0


def poll(
    ask: Callable[[], Found],
    accept: Callable[[Found], bool],
    *,
    timeout: float,
    interval: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome[Found]:
    """Call C(ask) every C(interval) seconds until C(accept) holds or C(timeout) seconds are over; at least once.

    Temporary errors count as "not yet"; any other ClientError is raised at once.
    """
    start = clock()
    outcome: Outcome[Found] = Outcome()
    while True:
        outcome.polls += 1
        try:
            outcome.found = ask()
            outcome.error = None
            outcome.done = accept(outcome.found)
        except ClientError as error:
            if not error.temporary:
                raise
            outcome.error = error
        outcome.seconds = clock() - start
        left = timeout - outcome.seconds
        if outcome.done or left <= 0:
            return outcome
        sleep(min(interval, left))
