# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that does not suffice is refused with all reasons at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab import caps, preflight
from lab.preflight import Machine

ENOUGH = Machine(
    memory=32 * 2**30, disk=100 * 2**30, inotify=1024, inotify_writable=False, capabilities=tuple(caps.NAMES)
)


def test_a_big_machine_suffices_for_forty_hosts() -> None:
    assert preflight.findings(ENOUGH, new=40, total=40) == []


@pytest.mark.parametrize(
    ("machine", "word"),
    [
        (replace(ENOUGH, memory=2**30), "memory"),
        (replace(ENOUGH, disk=2**30), "disk"),
        (replace(ENOUGH, inotify=128), "max_user_instances=160"),
        (replace(ENOUGH, capabilities=("NET_ADMIN", "NET_RAW", "SYS_PTRACE")), "SYS_ADMIN"),
    ],
)
def test_each_shortage_is_found_and_named(machine: Machine, word: str) -> None:
    (finding,) = preflight.findings(machine, new=8, total=8)
    assert word in finding


def test_all_shortages_come_together() -> None:
    poor = Machine(memory=0, disk=0, inotify=0, inotify_writable=False, capabilities=())
    assert len(preflight.findings(poor, new=3, total=3)) == 4


def test_hosts_that_run_already_need_no_further_memory() -> None:
    assert preflight.findings(replace(ENOUGH, memory=0, disk=0), new=0, total=8) == []


def test_a_limit_that_can_be_raised_is_no_shortage() -> None:
    assert preflight.findings(replace(ENOUGH, inotify=128, inotify_writable=True), new=8, total=8) == []


def test_available_memory_is_read_in_bytes() -> None:
    assert preflight.available_memory("MemTotal: 9 kB\nMemAvailable:    2048 kB\n") == 2 * 2**20
