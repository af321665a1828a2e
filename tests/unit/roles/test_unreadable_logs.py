# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container ended with is told, also where Docker cannot read its log, as with log driver none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import docker

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

# A client of Docker whose containers end with code 7. A context of the user's would lead to another engine.
DOCKER = """#!/bin/sh
[ "$1 $2" = "--host unix:///var/run/docker.sock" ] || { echo "No such container" >&2; exit 1; }
case "$3" in
  wait) echo 7 ;;
  inspect) echo "exited 0 7" ;;
  events) echo 7 ;;
  *) echo "configured logging driver does not support reading" >&2; exit 1 ;;
esac
"""
VARIABLES = {
    "_wabiz": {"docker": docker(), "no_log": True, "secret_env": [], "ready_timeout": 5},
    "_node_dbupgrade": {"name": "wabiz-dbupgrade", "env": {}},
    "_node_dbupgrade_pause": 5,
    "_node_dbupgrade_until": 0,
    "_node_dbupgrade_rounds": 0,
    "_node_containers": [{"name": "wabiz-webapp-1", "env": {}}],
    "_node_service": {"probe_port": 443},
    "node_result": {"containers": {"wabiz-webapp-1": {}}},
}


def played(tmp_path: Path, tasks: str, client: str = DOCKER, **more: Any) -> PlaybookRun:
    docker = tmp_path / "docker"
    docker.write_text(client, encoding="ascii")
    docker.chmod(0o755)
    read = yaml.safe_load((ROOT / "roles" / "node" / "vars" / "main.yml").read_text(encoding="utf-8"))
    names = {name: value for name, value in read.items() if name.startswith("_node_dbupgrade_")}
    include = {"ansible.builtin.include_tasks": str(ROOT / "roles" / "node" / "tasks" / tasks)}
    play = {"hosts": "all", "gather_facts": False, "vars": {**names, **VARIABLES, **more}, "tasks": [include]}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    return run_playbook(tmp_path / "play.yml", inventory="core1,", extra_vars=LOCALLY, environment=path)


def test_an_upgrade_of_the_schema_goes_on(tmp_path: Path) -> None:
    played(tmp_path, "dbupgrade_wait.yml").succeeded()


def test_the_code_of_a_container_that_exits_is_told(tmp_path: Path) -> None:
    run = played(tmp_path, "not_answering.yml")
    assert run.failures
    assert "wabiz-webapp-1 on core1 exits right after its start, with exit code 7" in run.output
    assert "does not support reading" in run.output


def test_the_log_is_shown_without_its_secrets(tmp_path: Path) -> None:
    """Where a task of a loop fails, Ansible shows the loop item too, with all that is in it."""
    client = DOCKER.replace("*) echo", "logs) echo login with Plain-7-words refused ;;\n  *) echo")
    client = client.replace("inspect)", 'inspect) [ "$6" != wabiz-webapp-1 ] || { echo running 0 0; exit; };')
    names = ["wabiz-webapp-1", "wabiz-webapp-2"]
    run = played(
        tmp_path,
        "not_answering.yml",
        client,
        _node_containers=[{"name": name, "env": {"WA_DB_PASSWORD": "Plain-7-words"}} for name in names],
        node_result={"containers": {name: {} for name in names}},
    ).failed()
    assert "wabiz-webapp-2 on core1 exits right after its start, with exit code 7" in run.output
    assert "wabiz-webapp-1 on core1 exits" not in run.output
    assert "login with ******** refused" in run.output, run.output
    assert "Plain-7-words" not in run.output
