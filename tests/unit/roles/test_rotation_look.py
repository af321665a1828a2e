# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a rotation tries the wanted login, and what it takes for a login that the server does not know."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.modules.test_database_info import greeting, serving

from tests.support.held import held
from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook
from tests.unit.roles.scripted_database import run_play

pytestmark = pytest.mark.slow

INTERNAL = ROOT / "playbooks" / "internal"
USERS = [{"name": "wabiz", "plugin": "p", "enabled": 1, "second": 0}]


def look(folder: Path, code: int, *arguments: str, keeper: bool = True, greets: bool = False) -> PlaybookRun:
    """Look at a server that refuses with an error; C(keeper) is whether the keeper has the driver."""

    def refuse(peer: Any) -> None:
        if greets:
            peer.sendall(greeting())
            peer.recv(4096)
        body = b"\xff" + struct.pack("<H", code) + b"no entry"
        peer.sendall(len(body).to_bytes(3, "little") + (b"\2" if greets else b"\0") + body)

    with serving(refuse) as port:
        settings = {"database_engine": "mysql", "directory": str(folder), "database_user": "wabiz", "no_log": True}
        settings |= {
            "database_host": "localhost",
            "database_port": port,
            "database_password": "x",
            "database_tls": False,
        }
        settings |= {"database_other_user": "wabiz_b", "database_prefix": "wa_", "database_root_password": "r"}
        settings |= {"database_tls_certificate": None, "database_tls_key": None, "database_admin_user": None}
        known = {
            **LOCALLY,
            "_wabiz": settings,
            "_wabiz_topology": {"keeper": "web1", "groups": {"database": ["db1"]}},
            "_wabiz_survey": {"drivers": {"mysql": True}},
        }
        tasks = [
            {"ansible.builtin.include_tasks": str(INTERNAL / "tasks" / "rotation_look.yml")},
            {"ansible.builtin.debug": {"msg": "{{ hostvars.db1.database_users }}"}, "run_once": True},
        ]
        play = {
            "hosts": "all",
            "gather_facts": False,
            "vars_files": [str(INTERNAL / "rotation_vars.yml")],
            "tasks": tasks,
        }
        hosts = {"web1": {**known, "_wabiz_survey": {"drivers": {"mysql": keeper}}}, "db1": known}
        answers = {"FROM mysql.user": {"query_result": [USERS]}, "": {"query_result": [[]]}}
        return run_play(folder, play, hosts, answers, arguments)


def test_a_login_that_the_server_does_not_know_is_no_failure(tmp_path: Path) -> None:
    assert '"accepts": false' in look(tmp_path, 1045).succeeded().stdout


def test_the_version_is_known_of_a_server_that_refuses_the_login(tmp_path: Path) -> None:
    """The statements for its administrator depend on it."""
    said = look(tmp_path, 1045, greets=True).succeeded().stdout
    assert '"accepts": false' in said and '"version": "8.0.33"' in said


@pytest.mark.parametrize("code", [1053, 1040])
def test_a_server_that_cannot_tell_is_not_taken_for_one_that_refuses(code: int, tmp_path: Path) -> None:
    """Else a user would get the wanted password as its second one too."""
    done = look(tmp_path, code).failed()
    assert "cannot ask the database server localhost" in done.failures[-1]["msg"]


def test_check_mode_needs_no_driver_that_it_does_not_install(tmp_path: Path) -> None:
    """Beside the role's own server is one."""
    done = look(tmp_path, 1045, "--check", keeper=False).succeeded()
    assert '"accepts": false' in done.stdout


@pytest.mark.parametrize("limit", ["db1,core1", "web1,core1", "core1"])
def test_a_limit_that_leaves_out_who_asks_the_database_is_refused(limit: str, tmp_path: Path) -> None:
    """With the plan's own words; nothing is changed, and the lock is released."""
    settings = {"database_engine": "mysql", "database_user": "wabiz", "database_password": "x", "plan_file": None}
    settings |= {"directory": str(tmp_path), "database_prefix": "wa_"}
    topology = {
        **held(tmp_path / "lock", "web1"),
        "cluster": "wabiz",
        "services": {"web1": ["webapp"], "core1": ["coreapp"], "db1": ["database"]},
        "nodes": [{"host": host, "service": "webapp", "name": "wabiz-webapp-1"} for host in ("web1", "core1")],
        "groups": {"database": ["db1"]},
    }
    known = {**LOCALLY, "ansible_become": False, "_wabiz": settings, "_wabiz_topology": topology, "_wabiz_locked": {}}
    seen = {"engine": {"running": True}, "containers": [], "drivers": {"mysql": True}}
    hosts = {host: {"_wabiz_survey": seen} if host in limit.split(",") else {} for host in topology["services"]}
    inventory = {"all": {"vars": known, "children": {"wabiz_host": {"hosts": hosts}}}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    done = run_playbook(
        INTERNAL / "rotation_plan.yml", inventory=tmp_path / "hosts.yml", arguments=["--limit", limit]
    ).failed()
    refusal = done.failures[-1]["msg"]
    assert refusal.startswith("Nothing was changed. ") and "was not inspected. Run without --limit." in refusal
    assert all(host in refusal for host in {"web1", "db1"} - set(limit.split(",")))
    assert (done.changed, (tmp_path / "lock").exists()) == (set(), False)
