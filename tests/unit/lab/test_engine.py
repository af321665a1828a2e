# SPDX-License-Identifier: GPL-3.0-or-later
"""When an engine may be installed, and whose engine is stopped."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from lab import engine, proc, settings
from lab.errors import LabError

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


def test_a_package_is_named_once_and_only_where_a_program_is_missing() -> None:
    wanted = {"sh": "dash", "no-such-program": "some-package", "no-such-either": "some-package"}
    assert engine.missing_packages(wanted) == ["some-package"]


def test_without_the_right_to_install_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "may_install", lambda: False)
    engine.ensure_programs({"sh": "dash"})
    with pytest.raises(LabError, match="some-package"):
        engine.ensure_programs({"no-such-program": "some-package"})


@pytest.mark.parametrize(
    ("statuses", "expected"), [([0], ["install"]), ([100, 0, 0], ["install", "update", "install"])]
)
def test_package_lists_are_fetched_where_they_do_not_serve(
    statuses: list[int], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []

    def run(argv: Sequence[str], **_options: object) -> subprocess.CompletedProcess[str]:
        called.append(argv[1])
        return subprocess.CompletedProcess(argv, statuses[len(called) - 1], "", "")

    monkeypatch.setattr(proc, "run", run)
    engine.install("some-package")
    assert called == expected
