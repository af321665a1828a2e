"""Slow commands that run in the background of the quick tests, at the lowest priority."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

# The gate that runs the tests with marker `slow`.
SLOW_TESTS = "slow-tests"


class BackgroundCommand:
    """A command in its own process group that writes its output to a file."""

    def __init__(
        self, command: Sequence[str | Path], log: Path, directory: Path, environment: Mapping[str, str]
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        self._started = time.monotonic()
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                ["nice", "-n", "19", *command],
                cwd=directory,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # Where the kernel groups processes by session, `nice` counts within one only; the session has its own value.
        with contextlib.suppress(OSError):
            Path(f"/proc/{self._process.pid}/autogroup").write_text("19", encoding="ascii")

    def wait(self, timeout: float) -> tuple[int, str]:
        """Return exit status and output; subprocess.TimeoutExpired ``timeout`` seconds after the start."""
        remaining = max(0.0, self._started + timeout - time.monotonic())
        return self._process.wait(timeout=remaining), self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Stop the whole process group if it is still running; safe to call again."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait()
