"""A playbook run that loses its controller: SIGKILL to ansible-playbook and all its workers, at a chosen moment."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.support.paths import BIN, LAB_INVENTORY, ROOT

_TASK = ("TASK [", "RUNNING HANDLER [")


def run_and_kill(
    playbook: str, when: Callable[[int, str], bool], extra_vars: Mapping[str, Any], inventory: Path = LAB_INVENTORY
) -> tuple[int, str]:
    """Start a playbook and kill it as soon as ``when(number of the task, its line)`` holds.

    Returns the number of tasks that began and the line of the last one. A run that finishes first is not killed.
    Processes on the hosts are not stopped, as after a power failure of the controller.
    """
    with tempfile.TemporaryDirectory(prefix="wabiz-kill-") as scratch:
        variables = Path(scratch) / "extra_vars.json"
        variables.touch(mode=0o600)
        variables.write_text(json.dumps(extra_vars), encoding="utf-8")
        process = subprocess.Popen(
            [str(BIN / "ansible-playbook"), playbook, "-i", str(inventory), "-e", f"@{variables}"],
            cwd=ROOT,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        assert process.stdout is not None
        number, last = 0, ""
        for line in process.stdout:
            if line.startswith(_TASK):
                number, last = number + 1, line.strip(" *\n")
                if when(number, last):
                    os.killpg(process.pid, signal.SIGKILL)
                    break
        process.stdout.close()
        process.wait()
        return number, last


def kill_at(
    playbook: str, point: int, extra_vars: Mapping[str, Any], inventory: Path = LAB_INVENTORY
) -> tuple[int, str]:
    """Kill a run at its n-th task; return number and name of that task."""
    return run_and_kill(playbook, lambda number, _line: number >= point, extra_vars, inventory)


def count_tasks(playbook: str, extra_vars: Mapping[str, Any], inventory: Path = LAB_INVENTORY) -> int:
    """Let a playbook run to its end and return how many tasks began."""
    return run_and_kill(playbook, lambda _number, _line: False, extra_vars, inventory)[0]


def spread(first: int, last: int, points: int, seed: int) -> list[int]:
    """Numbers of tasks, one by chance in each of as many equal parts of a run; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 (a repeatable choice)
    return [first + int((point + chance.random()) / points * (last - first)) for point in range(points)]
