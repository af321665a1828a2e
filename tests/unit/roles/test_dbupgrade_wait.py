# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait for a schema upgrade of hours or days: ansible-core bears only so many includes in one another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import docker

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

ROLE = ROOT / "roles" / "node"
# In the place of `timeout`: so many waits are over at once, then the container has ended.
WAIT = """#!/bin/sh
echo >> {folder}/waits
[ $(wc -l < {folder}/waits) -gt {rounds} ] || exit 124
echo 0
"""
DOCKER = """#!/bin/sh
echo Step $(wc -l < {folder}/waits)
"""
DEPTH = """
import pathlib
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_NAME = "depth"

    def v2_playbook_on_task_start(self, task, is_conditional):
        above, depth = task, 0
        while above := getattr(above, "_parent", None):
            depth += 1
        with pathlib.Path("{folder}/depths").open("a") as file:
            print(depth, file=file)
"""


def waited(folder: Path, rounds: int, timeout: int) -> PlaybookRun:
    """The tasks from the time limit to the check of the result, with three rounds in one another at most."""
    for name, text in {"timeout": WAIT, "docker": DOCKER, "depth.py": DEPTH}.items():
        file = folder / name
        file.write_text(text.format(folder=folder, rounds=rounds), encoding="utf-8")
        file.chmod(0o755)
    tasks = yaml.safe_load((ROLE / "tasks" / "dbupgrade.yml").read_text(encoding="utf-8"))
    names = [task["name"] for task in tasks]
    chosen = tasks[names.index("Set a time limit") : names.index("Check the result")]
    for task in chosen:
        if include := task.get("ansible.builtin.include_tasks"):
            task["ansible.builtin.include_tasks"] = str(ROLE / "tasks" / include)
    read = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))
    variables = {
        **{name: value for name, value in read.items() if name.startswith("_node_dbupgrade_")},
        "_wabiz": {"docker": docker(), "no_log": True, "secret_env": [], "dbupgrade_timeout": timeout},
        "_node_dbupgrade": {"name": "wabiz-dbupgrade", "env": {}},
        "_node_dbupgrade_nested": 3,
    }
    ended = {"ansible.builtin.debug": {"msg": "The end: {{ __node_dbupgrade_end.rc }}"}}
    play = {"hosts": "all", "gather_facts": False, "vars": variables, "tasks": [*chosen, ended]}
    (folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "ANSIBLE_CALLBACK_PLUGINS": str(folder)}
    return run_playbook(folder / "play.yml", inventory="core1,", extra_vars=LOCALLY, environment=environment)


def test_the_includes_of_a_long_wait_are_not_all_in_one_another(tmp_path: Path) -> None:
    done = waited(tmp_path, rounds=11, timeout=3600).succeeded()
    assert "The end: 0" in done.stdout
    assert [f"Step {number}" in done.stdout for number in range(1, 14)] == [*[True] * 12, False]
    # Two for each include.
    assert max(map(int, (tmp_path / "depths").read_text(encoding="utf-8").split())) <= 2 * (3 + 2)


def test_it_ends_with_the_time_limit(tmp_path: Path) -> None:
    done = waited(tmp_path, rounds=99, timeout=0).succeeded()
    assert "The end: 124" in done.stdout
    assert "Step 1" in done.stdout and "Step 2" not in done.stdout
