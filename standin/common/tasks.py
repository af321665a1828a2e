"""Background tasks: one that ends by an error no one expected ends the process, whose restart policy then helps."""

import asyncio
import logging
import os
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("tasks")
CRASH = 70
_running: set[asyncio.Task[Any]] = set()


def _ended(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("task %s failed", task.get_name(), exc_info=error)
        logging.shutdown()
        os._exit(CRASH)


def spawn(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Starts a task that is kept alive and whose failure is fatal."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _running.add(task)
    task.add_done_callback(_ended)
    return task
