# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of upgrade.yml that gives the media to owner root: started where due, never twice, not waited for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import docker

from tests.support.playbook import PlaybookRun
from tests.unit.plugins.one_task import asked, run_task

PLAN = {"host": "web1", "container": "wabiz-webapp-1", "unit": "wabiz-media-ownership"}
# As systemd 252 says it.
BUSY = "Failed to start transient service unit: Unit x.service was already loaded or has a fragment file."


def run(folder: Path, ownership: dict[str, str], said: str = "", code: int = 0) -> PlaybookRun:
    variables: dict[str, Any] = {"_wabiz_keeper": "web1", "_wabiz_upgrade": {"ownership": ownership}}
    variables["_wabiz"] = {"docker": docker()}
    name = "Start changing the owner of the media to root"
    return run_task(folder, "internal/upgrade_finish.yml", name, "systemd-run", variables, said, code)


def test_it_is_started_in_a_unit_of_its_own(tmp_path: Path) -> None:
    assert run(tmp_path, PLAN).succeeded().recap["web1"]["changed"] == 1
    words = asked(tmp_path, "systemd-run").split()
    assert words[:2] == ["--unit=wabiz-media-ownership", "--collect"]
    assert words[2:6] == ["docker", "--host", "unix:///var/run/docker.sock", "exec"]
    assert words[6:10] == ["wabiz-webapp-1", "chown", "-R", "root"]


def test_one_that_is_still_at_work_is_enough(tmp_path: Path) -> None:
    assert run(tmp_path, PLAN, BUSY, 1).succeeded().recap["web1"]["changed"] == 0


def test_nothing_happens_where_it_is_not_due(tmp_path: Path) -> None:
    assert run(tmp_path, {}).succeeded().recap["web1"]["skipped"] == 1
    assert not asked(tmp_path, "systemd-run")


def test_a_start_that_fails_is_an_error(tmp_path: Path) -> None:
    run(tmp_path, PLAN, "Failed to connect to bus", 1).failed()
