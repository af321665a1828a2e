# SPDX-License-Identifier: GPL-3.0-or-later
"""Run programs and wait for conditions."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from lab.errors import LabError

given_up = threading.Event()  # set after a failure or an interruption: the other parts stop waiting


def run(
    argv: Sequence[str],
    *,
    check: bool = True,
    timeout: float | None = None,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program and capture its text output.

    Args:
        argv: program and arguments, no shell.
        check: raise when it fails.
        timeout: seconds until it is killed; None waits without a limit.
        stdin: text for its standard input; None closes it.
        env: variables added to this process's environment.

    Raises:
        LabError: the program is missing, took too long, or failed while check is set.
    """
    try:
        done = subprocess.run(
            list(argv),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env={**os.environ, **(env or {})},
            check=False,
        )
    except FileNotFoundError as error:
        raise LabError(f"program not found: {argv[0]}") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"no answer within {timeout:g} s: {summary(argv)}") from error
    if check and done.returncode:
        raise LabError(f"{summary(argv)}: exit status {done.returncode}\n{tail(done.stderr or done.stdout)}")
    return done


def summary(argv: Sequence[str]) -> str:
    """The first words of a command line for a message, without its environment arguments."""
    return " ".join(argv[:4])


def tail(text: str, lines: int = 15) -> str:
    """The last lines of a program's output."""
    return "\n".join(text.strip().splitlines()[-lines:])


def wait_until(condition: Callable[[], bool], what: str, timeout: float, interval: float = 0.2) -> None:
    """Poll a condition until it is true.

    Args:
        condition: called until it returns true.
        what: its name for the message.
        timeout: seconds.
        interval: seconds between two calls.

    Raises:
        LabError: the condition was not true in time, or another part has failed.
    """
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"{what}: not within {timeout:g} s")
        if given_up.wait(interval):
            raise LabError(f"{what}: given up")


def together(jobs: Iterable[Callable[[], object]]) -> None:
    """Run several jobs in parallel, each in its own thread, and wait for all of them.

    Raises:
        LabError: that of the first job that failed; the others stop waiting.
    """
    waiting = list(jobs)
    pool = ThreadPoolExecutor(len(waiting))
    try:
        for done in as_completed([pool.submit(job) for job in waiting]):
            done.result()
    except BaseException:
        given_up.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
