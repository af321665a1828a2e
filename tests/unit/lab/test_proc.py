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


def test_jobs_run_at_the_same_time() -> None:
    met = threading.Barrier(2, timeout=60)
    proc.together([met.wait, met.wait])


def test_the_first_failure_is_told_and_the_others_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proc, "given_up", threading.Event())

    def fails() -> None:
        raise LabError("the cause")

    def waits() -> None:
        proc.wait_until(lambda: False, "it", timeout=60)

    with pytest.raises(LabError, match="the cause"):
        proc.together([waits, fails, waits])
    assert proc.given_up.is_set()
