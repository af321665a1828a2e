# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webapps that cannot be restored at the balancer: a run that repairs it goes on with all hosts, another one stops."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.held import held
from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

INTERNAL = ROOT / "playbooks" / "internal"
WEBS = ("web1", "web2")
# Nothing listens on that port.
DEAD = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
PASSED = {"ansible.builtin.copy": {"content": "", "dest": "{{ folder }}/passed-{{ inventory_hostname }}"}}
FULL = {"ansible.builtin.fail": {"msg": "no space left"}, "when": "inventory_hostname == 'web2'"}
END = {"ansible.builtin.include_tasks": str(INTERNAL / "tasks" / "failed.yml")}


def run(folder: Path, playbook: str, balancer: dict[str, Any], *tasks: dict[str, Any]) -> PlaybookRun:
    """The restore of two webapps by a balancer that does not answer, and a play with these tasks on their hosts."""
    held(folder / "lock", "web1")
    settings = {
        "directory": str(folder),
        "drain_timeout": 1,
        "restore_tasks": None,
        "logs_on_failure": False,
        "no_log": False,
    }
    variables = {
        "folder": str(folder),
        "ansible_become": False,
        "_wabiz": settings,
        "_wabiz_topology": {
            "keeper": "web1",
            "playbook": playbook,
            "lock": str(folder / "lock"),
            "holder": "me",
            # A balancer of this name has no socket on any machine.
            "cluster": f"test-{os.getpid()}",
            "nodes": [{"host": host, "name": "wabiz-webapp-1", "service": "webapp"} for host in WEBS],
            "groups": {"loadbalancer": ["edge"]},
        },
        "_wabiz_locked": {},
        "_wabiz_api": {},
    }
    plays = [
        {
            "name": "Restore",
            "ansible.builtin.import_playbook": str(INTERNAL / "drained.yml"),
            "vars": {"_wabiz_balancers_later": playbook == "site"},
        },
        {
            "hosts": "wabiz_due_drained",
            "gather_facts": False,
            "any_errors_fatal": True,
            "tasks": [{"name": "Go on", "block": list(tasks), "rescue": [{"name": "End", **END}]}],
        },
    ]
    hosts = {"edge": balancer, **dict.fromkeys(WEBS, LOCALLY)}
    groups = {"all": {"hosts": hosts, "children": {"wabiz_due_drained": {"hosts": {host: {} for host in WEBS}}}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(groups), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
    return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml", extra_vars=variables)


def passed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("passed-*"))


@pytest.mark.parametrize("balancer", [LOCALLY, DEAD], ids=["no socket", "dead host"])
def test_a_repair_goes_on_with_all_hosts(tmp_path: Path, balancer: dict[str, Any]) -> None:
    done = run(tmp_path, "site", balancer, {"name": "Pass", **PASSED}).succeeded()
    assert passed(tmp_path) == ["passed-web1", "passed-web2"]
    for host in WEBS:
        assert f"Balancer edge does not send requests to {host}/wabiz-webapp-1 again" in done.stdout
    assert (tmp_path / "lock").exists()


def test_a_later_error_is_the_cause(tmp_path: Path) -> None:
    done = run(tmp_path, "site", LOCALLY, {"name": "Write", **FULL}).failed()
    assert done.failures[-1]["msg"].startswith("Write: no space left")


@pytest.mark.parametrize("balancer", [LOCALLY, DEAD], ids=["no socket", "dead host"])
def test_any_other_run_stops_and_names_the_balancer(tmp_path: Path, balancer: dict[str, Any]) -> None:
    done = run(tmp_path, "upgrade", balancer, {"name": "Pass", **PASSED}).failed()
    said = done.failures[-1]["msg"]
    assert "Balancer edge does not send requests to web1/wabiz-webapp-1 again" in said, said
    assert passed(tmp_path) == []
    assert not (tmp_path / "lock").exists()
