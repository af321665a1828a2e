"""A coreapp that restarts by itself: it ends at once and serves again after the documented 45 s to 1 min."""

import asyncio
import logging
import os
import sys
from collections.abc import Iterable

from aiohttp import web

from standin.common.timing import boot_clock
from standin.node.base.runtime import Runtime

log = logging.getLogger("restart")
START_AT = "STANDIN_START_AT"
# Seconds without service; joining and promotion come on top.
DOWNTIME = 45.0


async def wait_for_start() -> None:
    """Waits out the rest of a restart's downtime; a container that was restarted from outside does not wait."""
    until = os.environ.pop(START_AT, "")
    if until:
        await asyncio.sleep(max(0.0, float(until) - boot_clock()))


async def restart_when_ordered(runtime: Runtime, runners: Iterable[web.AppRunner]) -> None:
    """Replaces this process by a new one, whose incarnation is another, once the order has come."""
    await runtime.restart_ordered.wait()
    log.warning("restarting, as ordered: all coreapps do")
    until = boot_clock() + runtime.scale.seconds(DOWNTIME)
    for runner in runners:
        await runner.cleanup()
    logging.shutdown()
    os.execve(  # noqa: S606 - ourselves; open connections and files close by it
        sys.executable, [sys.executable, "-m", "standin.node"], os.environ | {START_AT: str(until)}
    )
