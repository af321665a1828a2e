# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories for files in transfer belong to whoever connects, also where the inventory has `ansible_become: true`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow

# Whoever escalates is called "nobody", and is counted.
SUDO = """#!/bin/sh
echo >> {counted}
for command; do :; done
LOGNAME=nobody exec /bin/sh -c "$command"
"""


@pytest.mark.parametrize("delegated", [False, True])
@pytest.mark.parametrize(
    ("tasks", "hosts", "as_root"), [("private_place", [], 1), ("backup_place", ["here"], 3), ("backup_place", [], 4)]
)
def test_a_place_belongs_to_whoever_connects(
    tmp_path: Path, tasks: str, hosts: list[str], as_root: int, delegated: bool
) -> None:
    counted, sudo, play, inventory = (tmp_path / name for name in ("counted", "sudo", "play.yml", "inventory.yml"))
    sudo.write_text(SUDO.format(counted=counted), encoding="utf-8")
    sudo.chmod(0o755)
    place = str(tmp_path / "places" / "one")
    (tmp_path / "places").mkdir()
    apply: dict[str, Any] = {"delegate_to": "there"} if delegated else {}
    include = {"file": f"{ROOT}/playbooks/internal/tasks/{tasks}.yml", "apply": apply}
    told = {"ansible.builtin.debug": {"msg": "uid {{ __wabiz_user.ansible_facts.ansible_user_uid }} connects"}}
    data = [{"hosts": "here", "gather_facts": False, "tasks": [{"ansible.builtin.include_tasks": include}, told]}]
    play.write_text(yaml.safe_dump(data), encoding="utf-8")
    known = {"_wabiz_place": place, "_wabiz_transit": place, "_wabiz_planned": {"hosts": hosts}}
    site = {**LOCALLY, **known, "ansible_become": True, "ansible_become_exe": str(sudo)}
    inventory.write_text(yaml.safe_dump({"all": {"vars": site, "hosts": {"here": None, "there": None}}}))
    # The tests may run as root, which escalates to root only where that is allowed.
    environment = {"ANSIBLE_BECOME_ALLOW_SAME_USER": "true", "ANSIBLE_PIPELINING": "true"}
    done = run_playbook(play, inventory=inventory, environment=environment).succeeded()
    assert f"uid {os.getuid()} connects" in done.stdout
    assert len(counted.read_text(encoding="utf-8").splitlines()) == as_root
