"""Tells when the event loop stood still, so that a stall here is not mistaken for a fault of a peer."""

import asyncio
import logging
from collections.abc import Callable

from standin.common.timing import boot_clock

PERIOD = 1.0
LATE = 0.25

log = logging.getLogger("loop")


def log_lag(seconds: float) -> None:
    """The node's log has it."""
    log.warning("event loop lag %.2f s", seconds)


async def watch_loop(tell: Callable[[float], None] = log_lag) -> None:
    """Tells of every wake-up that comes more than 0.25 s late; runs until cancelled."""
    while True:
        before = boot_clock()
        await asyncio.sleep(PERIOD)
        late = boot_clock() - before - PERIOD
        if late > LATE:
            tell(late)
