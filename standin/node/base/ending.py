"""The client stops by itself: its process ends a moment after it was told, and waits for a docker restart."""

import asyncio
import logging
import os

from standin.common.tasks import spawn

log = logging.getLogger("node")
ANSWER_FIRST = 0.5


async def _end(reason: str) -> None:
    await asyncio.sleep(ANSWER_FIRST)
    log.warning("process ends: %s", reason)
    logging.shutdown()
    os._exit(0)


def end_soon(reason: str) -> None:
    """Ends the process once the running request has been answered."""
    spawn(_end(reason), "end")
