"""A gate that is one command; its output is shown only if it fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.support.paths import BIN, ROOT


def passes(
    *command: str | Path,
    directory: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    timeout: float = 600,
    log: Path | None = None,
) -> str:
    """Run a command with the development environment first on PATH and return its output; fail the test otherwise.

    A failure shows the output's end; all of it is in the log.
    """
    done = subprocess.run(
        command,
        cwd=directory,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "NO_COLOR": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        check=False,
    )
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout, encoding="utf-8")
    judge(command, done.returncode, done.stdout)
    return done.stdout


def judge(command: Sequence[str | Path], status: int, output: str) -> None:
    """Fail the test with the end of a command's output when its exit status is not 0."""
    if status:
        pytest.fail(f"{' '.join(map(str, command))}: exit status {status}\n{output[-8000:]}", pytrace=False)
