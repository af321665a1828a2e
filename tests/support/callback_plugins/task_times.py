"""Callback plugin: when each task began and ended on each host, as lines of JSON in a file."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: task_times
    type: aggregate
    short_description: notes when tasks began and ended
    description: Writes host, task, beginning and end of each task result to the file named by E(WABIZ_TASK_TIMES).
"""


class CallbackModule(CallbackBase):
    """Notes the beginning in memory, and writes a line at the end of each task."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_times"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._began: dict[tuple[str, str], float] = {}

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._began[host.get_name(), task._uuid] = time.time()

    def v2_runner_on_ok(self, result: Any) -> None:
        host, task = result.host.get_name(), result.task
        line = {"host": host, "task": task.get_name(), "began": self._began[host, task._uuid], "ended": time.time()}
        with Path(os.environ["WABIZ_TASK_TIMES"]).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(line)}\n")
