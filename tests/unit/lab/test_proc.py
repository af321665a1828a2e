# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs fail with a message, and waiting ends."""

from __future__ import annotations

import threading

import pytest

from lab import proc
from lab.errors import LabError


def test_a_failure_tells_status_and_last_lines() -> None:
    with pytest.raises(LabError, match=r"(?s)exit status 3.*bad thing"):
        proc.run(["sh", "-c", "echo bad thing >&2; exit 3"])


def test_a_missing_program_is_named() -> None:
    with pytest.raises(LabError, match="no-such-program"):
        proc.run(["no-such-program"])


def test_a_program_that_hangs_is_ended() -> None:
    with pytest.raises(LabError, match=r"within 0\.1 s"):
        proc.run(["sleep", "60"], timeout=0.1)


def test_waiting_ends_with_the_condition_or_with_time() -> None:
    answers = iter([False, True])
    proc.wait_until(lambda: next(answers), "it", timeout=5, interval=0.01)
    with pytest.raises(LabError, match="it: not within"):
        proc.wait_until(lambda: False, "it", timeout=0.05, interval=0.01)


def test_waiting_is_given_up_when_another_part_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proc, "given_up", threading.Event())
    proc.given_up.set()
    with pytest.raises(LabError, match="given up"):
        proc.wait_until(lambda: False, "it", timeout=60)
