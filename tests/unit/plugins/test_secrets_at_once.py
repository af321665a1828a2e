# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order rotate_secrets.yml stops and starts nodes: its own tasks, with roles of the test."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

INTERNAL = ROOT / "playbooks" / "internal"
SERVICES = ("master", "coreapp", "webapp")


def test_each_service_waits_for_the_one_before_whatever_the_order_of_hosts(tmp_path: Path) -> None:
    (play,) = yaml.safe_load((INTERNAL / "secrets_at_once.yml").read_text(encoding="utf-8"))
    tasks = [task for task in play["tasks"][0]["block"] if task["name"].startswith(("Stop", "Start"))]
    for task in tasks:
        task["ansible.builtin.include_tasks"] = "service.yml"
    own = (INTERNAL / "tasks" / "secrets_service.yml").read_text(encoding="utf-8")
    (tmp_path / "service.yml").write_text(own.replace("wabiz.onprem.", ""), encoding="utf-8")
    for service in SERVICES:
        role = tmp_path / "roles" / service / "tasks" / "main.yml"
        role.parent.mkdir(parents=True)
        role.write_text(f"- debug: {{msg: '{service} {{{{ _node_verb }}}}'}}\n", encoding="utf-8")
    play = {"hosts": "all", "gather_facts": False, "strategy": "linear", "tasks": tasks}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    known = {
        **LOCALLY,
        "_wabiz_renewal": {"services": list(SERVICES)},
        "_wabiz_topology": {"services": {"web1": ["webapp"], "core1": ["coreapp", "master"], "all1": list(SERVICES)}},
    }
    # One after the other, so that what is done first is the first host's.
    done = run_playbook(
        tmp_path / "play.yml", inventory="web1,core1,all1,", extra_vars=known, arguments=["--forks=1"]
    ).succeeded()
    said = re.findall(r'"msg": "(\w+ \w+)"', done.stdout)
    stopped, started = ([f"{one} {verb}" for one in SERVICES for _twice in range(2)] for verb in ("stop", "run"))
    assert said == [*reversed(stopped), *started]
