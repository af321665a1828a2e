# SPDX-License-Identifier: GPL-3.0-or-later
"""When an engine may be installed, and whose engine is stopped."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from lab import engine, settings

LAB = settings.load({})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ID=debian\n", True),
        ('NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', True),
        ('ID=mint\nID_LIKE="ubuntu debian"\n', True),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', False),
        ("HOME_URL=https://debian.example\nID=arch\n", False),
    ],
)
def test_debian_family(text: str, expected: bool) -> None:
    assert engine.is_debian_family(text) is expected


def test_an_engine_that_others_started_is_left_alone(tmp_path: Path) -> None:
    assert engine.stop(replace(LAB, state=tmp_path)) == "no engine of ours to stop"


def test_a_process_number_that_belongs_to_another_program_is_not_signalled(tmp_path: Path) -> None:
    lab = replace(LAB, state=tmp_path)
    engine.record(lab).write_text(f"{os.getpid()}\n", encoding="utf-8")
    assert "gone already" in engine.stop(lab)
    assert not engine.record(lab).exists()
