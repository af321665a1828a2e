"""The process watch sees what ran in its time, what a process became, and ends with its block."""

from __future__ import annotations

import secrets
import subprocess
import threading

from tests.support.processes import ProcessWatch


def test_sees_a_command_line_and_what_the_process_becomes() -> None:
    first, second = (f"canary-{secrets.token_hex(8)}" for _ in range(2))
    with ProcessWatch() as watch:
        # A shell that sleeps under one name, then becomes another program with another one.
        subprocess.run(["sh", "-c", f"sleep 0.3; exec sh -c 'sleep 0.3; true' {second}", first], check=True)
    assert first in watch.text and second in watch.text
    assert watch.since > 0


def test_does_not_see_what_ran_before_and_ends_with_its_block() -> None:
    canary = f"canary-{secrets.token_hex(8)}"
    subprocess.run(["sh", "-c", "true", canary], check=True)
    with ProcessWatch() as watch:
        pass
    assert canary not in watch.text
    assert "process-watch" not in {thread.name for thread in threading.enumerate()}
