# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of upgrade.yml that gives the media to owner root: started where due, never twice, not waited for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

PLAN = {"host": "web1", "container": "wabiz-webapp-1", "unit": "wabiz-media-ownership"}
# As systemd 252 says it.
BUSY = "Failed to start transient service unit: Unit x.service was already loaded or has a fragment file."


def run(folder: Path, ownership: dict[str, str], said: str = "", code: int = 0) -> PlaybookRun:
    """That one task, on a host whose systemd-run notes what it is asked."""
    (plan,) = yaml.safe_load((ROOT / "playbooks" / "internal" / "upgrade_finish.yml").read_text(encoding="utf-8"))
    (task,) = [task for task in plan["tasks"][0]["block"] if "systemd-run" in str(task)]
    playbook = folder / "play.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": [task]}]))
    program = folder / "systemd-run"
    program.write_text(f'#!/bin/sh\necho "$*" >> {folder}/asked\necho "{said}" >&2\nexit {code}\n')
    program.chmod(0o755)
    variables: dict[str, Any] = {**LOCALLY, "_wabiz_keeper": "web1", "_wabiz_upgrade": {"ownership": ownership}}
    return run_playbook(
        playbook, inventory="web1,", extra_vars=variables, environment={"PATH": f"{folder}:/usr/bin:/bin"}
    )


def test_it_is_started_in_a_unit_of_its_own(tmp_path: Path) -> None:
    assert run(tmp_path, PLAN).succeeded().recap["web1"]["changed"] == 1
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith("--unit=wabiz-media-ownership --collect docker exec wabiz-webapp-1 chown -R root /usr")


def test_one_that_is_still_at_work_is_enough(tmp_path: Path) -> None:
    assert run(tmp_path, PLAN, BUSY, 1).succeeded().recap["web1"]["changed"] == 0


def test_nothing_happens_where_it_is_not_due(tmp_path: Path) -> None:
    assert run(tmp_path, {}).succeeded().recap["web1"]["skipped"] == 1
    assert not (tmp_path / "asked").exists()


def test_a_start_that_fails_is_an_error(tmp_path: Path) -> None:
    run(tmp_path, PLAN, "Failed to connect to bus", 1).failed()
