"""What runs in the background takes only the time that the tests leave it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.background import BackgroundCommand

SHOWN = "import os, pathlib, time; time.sleep(0.2); print(os.nice(0)); print(pathlib.Path('{file}').read_text())"
GROUP = Path("/proc/self/autogroup")


def test_it_has_the_lowest_priority_within_its_session_and_as_a_session(tmp_path: Path) -> None:
    if not GROUP.exists():
        pytest.skip("this kernel does not group processes by session")
    command = [sys.executable, "-c", SHOWN.format(file=GROUP)]
    status, output = BackgroundCommand(command, tmp_path / "log", tmp_path, {}).wait(30)
    assert status == 0, output
    alone, _group, _nice, session = output.split()
    assert (alone, session) == ("19", "19")
