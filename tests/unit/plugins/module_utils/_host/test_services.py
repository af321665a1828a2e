# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services run: what systemctl prints is read from a program of that name on PATH."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host.services import running_services


def systemctl(directory: Path, monkeypatch: pytest.MonkeyPatch, printed: str) -> None:
    """Put a program on PATH that prints this."""
    program = directory / "systemctl"
    program.write_text(f"#!/bin/sh\ncat << 'END'\n{printed}\nEND\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")


def test_running_stopped_and_unknown_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = (
        "LoadState=loaded\nActiveState=active\n\nLoadState=loaded\nActiveState=inactive\n\n"
        "LoadState=not-found\nActiveState=inactive\n\nLoadState=masked\nActiveState=inactive"
    )
    systemctl(tmp_path, monkeypatch, printed)
    assert running_services(["docker", "cron", "crond", "rpcbind"]) == {"docker": True, "cron": False}


@pytest.mark.parametrize("printed", ["", "System has not been booted with systemd", "LoadState=loaded"])
def test_an_answer_that_is_none_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str) -> None:
    systemctl(tmp_path, monkeypatch, printed)
    assert running_services(["docker", "cron"]) == {}


def test_without_systemd_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert running_services(["cron"]) == {}
    assert running_services([]) == {}
