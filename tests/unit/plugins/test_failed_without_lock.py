# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that fails after another one has taken the cluster's lock undoes nothing, and names who has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.held import held
from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

INTERNAL = ROOT / "playbooks" / "internal"
LOST = "This run has lost the cluster's lock and changes nothing more"
FAILS = {"name": "Go on", "ansible.builtin.fail": {}, "when": "inventory_hostname == 'two'"}
END = {"ansible.builtin.include_tasks": str(INTERNAL / "tasks" / "failed.yml")}
NODE = {"host": "two", "name": "wabiz-webapp-1", "service": "webapp"}


def variables(folder: Path, playbook: str) -> dict[str, Any]:
    """What tasks of the playbooks know by then. The hooks of the site write what they do."""
    return {
        "ansible_become": False,
        "_wabiz": {
            "directory": str(folder),
            "version": "2.57.2",
            "logs_on_failure": False,
            "no_log": False,
            "docker": ["/bin/echo"],
            "drain_tasks": None,
            "restore_tasks": str(folder / "hook.yml"),
        },
        "_wabiz_topology": {
            "keeper": "one",
            "playbook": playbook,
            "lock": str(folder / "lock"),
            "holder": "me",
            "cluster": "wabiz",
            "nodes": [NODE],
            "groups": {"loadbalancer": ["one"]},
        },
        "_wabiz_locked": {"holder": "me"},
        "_wabiz_api_host": "one",
        "_wabiz_api_become": False,
    }


def play(folder: Path, block: list[Any], more: dict[str, Any], playbook: str) -> PlaybookRun:
    """A play with a block that fails, and the end of a failed playbook."""
    entry = {
        "hosts": "all",
        "gather_facts": False,
        "any_errors_fatal": True,
        "vars_files": [str(INTERNAL / "upgrade_vars.yml")],
        "module_defaults": {"wabiz.onprem.host_info": {"socket": str(folder / "none")}},
        "tasks": [{"name": "Act", "block": block, "rescue": [{"name": "End", **END}]}],
    }
    (folder / "play.yml").write_text(yaml.safe_dump([entry]), encoding="utf-8")
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"one": LOCALLY, "two": LOCALLY}}}))
    known = {**variables(folder, playbook), **more}
    return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml", extra_vars=known).failed()


def end_of_playbook(folder: Path, begun: bool = True) -> PlaybookRun:
    upgrade = {"version": "2.57.2", "previous_versions": ["2.55.1"], "nodes": [], "point_of_no_return": 9}
    return play(folder, [FAILS], {"_wabiz_upgrade": upgrade, "_wabiz_upgrading": begun, "_wabiz_start": 0}, "upgrade")


def test_the_end_of_a_playbook_undoes_nothing_without_the_lock(tmp_path: Path) -> None:
    held(tmp_path / "lock", "one", "bert, AWX job 77")
    kept = (tmp_path / "lock").read_text(encoding="utf-8")
    done = end_of_playbook(tmp_path)
    message = done.failures[-1]["msg"]
    assert message.startswith("Go on: ")
    assert LOST in message and "bert, AWX job 77" in message
    assert "TASK [Set the saved values]" not in done.stdout
    assert "NOT COMPLETE" not in message
    assert (tmp_path / "lock").read_text(encoding="utf-8") == kept


def test_a_lease_that_has_ended_is_renewed_where_no_other_run_has_it(tmp_path: Path) -> None:
    held(tmp_path / "lock", "one", seconds=-1)
    done = end_of_playbook(tmp_path)
    assert LOST not in done.failures[-1]["msg"]
    assert "NOT COMPLETE: 2.55.1 -> 2.57.2" in done.failures[-1]["msg"]
    assert not (tmp_path / "lock").exists()


def test_of_an_upgrade_that_has_not_begun_only_the_cause_is_told(tmp_path: Path) -> None:
    held(tmp_path / "lock", "one")
    message = end_of_playbook(tmp_path, begun=False).failures[-1]["msg"]
    assert message.startswith("Go on: ")
    assert "NOT COMPLETE" not in message and "Rollback" not in message


def failed_round(folder: Path, holder: str) -> PlaybookRun:
    """A failed round of role rolling, whose webapp was drained at a balancer of the site."""
    held(folder / "lock", "one", holder)
    hook = [{"name": "Restored", "ansible.builtin.copy": {"content": "", "dest": str(folder / "restored")}}]
    (folder / "hook.yml").write_text(yaml.safe_dump(hook), encoding="utf-8")
    round_ = {
        "rolling_begun": True,
        "_rolling_service": "webapp",
        "_rolling_answers": True,
        "_rolling_choice": {"next": NODE},
    }
    role = {"name": "wabiz.onprem.rolling", "tasks_from": "failed", "rolespec_validate": False}
    clean_up = {"name": "Clean up", "ansible.builtin.include_role": role}
    return play(folder, [{"name": "Round", "block": [FAILS], "rescue": [clean_up]}], round_, "site")


def test_a_failed_round_leaves_the_node_as_it_is_without_the_lock(tmp_path: Path) -> None:
    done = failed_round(tmp_path, "bert, AWX job 77")
    assert not (tmp_path / "restored").exists()
    assert not [*tmp_path.glob("failed-*.log")]
    assert done.changed == set()
    message = done.failures[-1]["msg"]
    assert message.startswith("Go on: ")
    assert LOST in message and "bert, AWX job 77" in message
    assert "two/wabiz-webapp-1 was being changed and is left as it is." in message
    assert "It may still be drained at the balancer." in message


def test_a_failed_round_cleans_up_with_the_lock(tmp_path: Path) -> None:
    done = failed_round(tmp_path, "me")
    assert (tmp_path / "restored").exists()
    assert [*tmp_path.glob("failed-wabiz-webapp-1.log")]
    assert "two/wabiz-webapp-1 was already changed." in done.failures[-1]["msg"]
