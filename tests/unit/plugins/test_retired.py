# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What retire.yml and multiconnect.yml leave on retired hosts: their play, on directories that stand for hosts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.held import held
from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow

PLAY = ROOT / "playbooks" / "internal" / "retired.yml"
NODE = {"cluster": "wabiz", "node": "coreapp"}
RUNNING, STOPPED = {"running": True, "present": True}, {"running": False, "present": True}


def test_a_host_is_cleaned_up_only_where_its_containers_are_known_to_be_gone(tmp_path: Path) -> None:
    surveys: dict[str, Any] = {
        "cleared": {"engine": RUNNING, "containers": []},
        "balancer": {"engine": {"running": False, "present": False}, "containers": []},
        "busy": {"engine": RUNNING, "containers": [NODE]},
        "stopped": {"engine": STOPPED, "containers": []},
        "dead": {"unreachable": True, "msg": "no route"},
    }
    for host, survey in surveys.items():
        survey["files"] = {f"{tmp_path}/{host}/boot.conf": True}
        (tmp_path / host).mkdir()
        for name in ("boot.conf", "cron", "converged.json"):
            (tmp_path / host / name).touch()
    place = f"{tmp_path}/{{{{ inventory_hostname }}}}"
    common = {
        **LOCALLY,
        "ansible_become": False,
        "_wabiz": {"directory": place, "log_cleanup_file": f"{place}/cron"},
        "_wabiz_topology": {
            "cluster": "wabiz",
            "boot_file": f"{place}/boot.conf",
            "own_files": {"configuration": ["converged.json"]},
            **held(tmp_path / "lock", "cleared"),
        },
        "_wabiz_gone": [""],
        "_wabiz_predicts": True,
    }
    hosts = {host: {"_wabiz_survey": survey} for host, survey in surveys.items()}
    inventory = {"all": {"vars": common}, "wabiz_retired": {"hosts": hosts}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "systemctl").write_text("#!/bin/sh\n", encoding="utf-8")
    (programs / "systemctl").chmod(0o755)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}"}
    run_playbook(PLAY, inventory=tmp_path / "hosts.yml", environment=environment).succeeded()
    left = {host: sorted(path.name for path in (tmp_path / host).glob("*")) for host in surveys}
    assert {host for host, names in left.items() if not names} == {"cleared", "balancer"}
    assert all(left[host] == ["boot.conf", "converged.json", "cron"] for host in ("busy", "stopped", "dead"))
