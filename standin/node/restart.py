"""A coreapp that restarts by itself: it ends at once and serves again after the documented 45 s to 1 min."""

import asyncio
import logging
import os
import sys
from typing import TYPE_CHECKING

from standin.common.timing import boot_clock

if TYPE_CHECKING:
    from standin.node.daemon import Daemon

log = logging.getLogger("restart")
START_AT = "STANDIN_START_AT"
# Seconds without service; joining and promotion come on top.
DOWNTIME = 45.0


async def wait_for_start() -> None:
    """Waits out the rest of a restart's downtime; a container that was restarted from outside does not wait."""
    until = os.environ.pop(START_AT, "")
    if until:
        await asyncio.sleep(max(0.0, float(until) - boot_clock()))


async def restart_when_ordered(daemon: "Daemon") -> None:
    """Replaces this process by a new one, whose incarnation is another, once the order has come."""
    runtime = daemon.runtime
    await runtime.restart_ordered.wait()
    log.warning("restarting, as ordered: all coreapps do")
    until = boot_clock() + runtime.scale.seconds(DOWNTIME)
    for runner in daemon.runners:
        await runner.cleanup()
    logging.shutdown()
    os.execve(  # noqa: S606 - ourselves; open connections and files close by it
        sys.executable, [sys.executable, "-m", "standin.node"], os.environ | {START_AT: str(until)}
    )
