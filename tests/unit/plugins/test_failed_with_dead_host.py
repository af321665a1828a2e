# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an upgrade ends that has failed while a host cannot be reached: with its report, and without the lock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import DEAD, LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

INTERNAL = ROOT / "playbooks" / "internal"
NODE = {"host": "two", "name": "wabiz-coreapp-1", "service": "coreapp", "version": "2.55.1"}


def run(folder: Path, order: list[str], keeper: str = "one") -> PlaybookRun:
    """An upgrade in which a task fails on host two, and host dead cannot be reached."""
    upgrade = {"version": "2.57.2", "previous_versions": ["2.55.1"], "nodes": [NODE], "point_of_no_return": 9}
    variables: dict[str, Any] = {
        "ansible_become": False,
        "_wabiz": {"directory": str(folder), "version": "2.57.2", "logs_on_failure": False, "no_log": True},
        "_wabiz_topology": {"keeper": keeper, "playbook": "upgrade", "lock": str(folder / "lock"), "holder": "me"},
        "_wabiz_upgrade": upgrade,
        "_wabiz_upgrading": True,
        "_wabiz_start": 0,
        "_wabiz_locked": {"holder": "me"},
        "_wabiz_api_host": keeper,
        "_wabiz_api_become": False,
    }
    play = {
        "hosts": "all",
        "gather_facts": False,
        "any_errors_fatal": True,
        "vars_files": [str(INTERNAL / "upgrade_vars.yml")],
        "module_defaults": {"wabiz.onprem.host_info": {"socket": str(folder / "none")}},
        "tasks": [
            {
                "name": "Upgrade",
                "block": [{"name": "Go on", "ansible.builtin.fail": {}, "when": "inventory_hostname == 'two'"}],
                "rescue": [{"name": "End", "ansible.builtin.include_tasks": str(INTERNAL / "tasks" / "failed.yml")}],
            }
        ],
    }
    hosts = {host: DEAD if host == "dead" else LOCALLY for host in order}
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}, sort_keys=False), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    (folder / "lock").write_text('{"holder": "me", "purpose": "x", "since": 0, "until": 9999999999}', encoding="utf-8")
    return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml", extra_vars=variables)


@pytest.mark.parametrize("order", [["one", "two", "dead"], ["dead", "one", "two"]], ids=["last", "first"])
def test_the_report_is_shown_and_the_lock_released(order: list[str], tmp_path: Path) -> None:
    done = run(tmp_path, order).failed()
    message = done.failures[-1]["msg"]
    assert "Go on: " in message
    assert "NOT COMPLETE: 2.55.1 -> 2.57.2" in message
    assert "run upgrade.yml again" in message
    assert "heartbeat settings" not in message
    assert not (tmp_path / "lock").exists()


def test_heartbeat_settings_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """They are on the first webapp's host, as the lock is."""
    message = run(tmp_path, ["dead", "one", "two"], keeper="dead").failed().failures[-1]["msg"]
    assert "Go on: " in message
    assert "The heartbeat settings are still those of the upgrade; the next run restores them." in message
    assert "NOT COMPLETE: 2.55.1 -> 2.57.2" in message
    assert "The lock could not be released." in message
