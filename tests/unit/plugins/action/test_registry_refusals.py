# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pulls and logins that fail, with community.docker's own modules: what stays refused is tried once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook
from tests.unit.plugins.scripted_engine import ScriptedEngine

pytestmark = pytest.mark.slow

IMAGE = "registry.example.net:5000/web:v1"
PASSWORD = "Canary-registry-1"
API = "/v1.41"
LOOK = f"{API}/images/json?" + urlencode(
    {"only_ids": 0, "all": 0, "filters": json.dumps({"reference": ["registry.example.net:5000/web"]})}
)
PULL = f"{API}/images/create?tag=v1&fromImage=registry.example.net%3A5000%2Fweb"
UNTIL = {"until": "done is success or done.cause | length > 0", "retries": 1, "delay": 0, "register": "done"}


def run(folder: Path, engine: ScriptedEngine, task: dict[str, Any]) -> PlaybookRun:
    """One task as role node has it, in a directory of its own instead of the host's configuration."""
    engine.answers[f"{API}/version"] = engine.answers["/version"]
    engine.answers[LOOK] = (200, [])
    play = [{"hosts": "l1", "gather_facts": False, "tasks": [{**task, **UNTIL}]}]
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"l1": LOCALLY}}}), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    with engine.listening(folder / "engine.sock"):
        return run_playbook(
            folder / "play.yml",
            inventory=folder / "hosts.yml",
            arguments=["-vvv"],
            environment={"DOCKER_CONFIG": str(folder)},
        )


def pull(folder: Path) -> dict[str, Any]:
    containers = [{"name": "c1", "image": IMAGE}]
    given = {"cluster": "x", "state": "pulled", "containers": containers, "socket": str(folder / "engine.sock")}
    return {"wabiz.onprem.containers": given}


@pytest.mark.parametrize(
    ("status", "said", "tries"),
    [
        (404, "manifest unknown: manifest unknown", 1),
        (500, "Get https://registry.example.net:5000/v2/: unauthorized: incorrect username or password", 1),
        (500, "dial tcp 192.0.2.1:5000: connect: connection refused", 2),
    ],
)
def test_a_pull_is_tried_again_only_where_that_may_help(tmp_path: Path, status: int, said: str, tries: int) -> None:
    engine = ScriptedEngine()
    engine.answers[PULL] = (status, {"message": said})
    (row,) = run(tmp_path, engine, pull(tmp_path)).failed().failures
    assert said in row["msg"] and row["msg"].startswith(f"image {IMAGE}: ")
    assert engine.asked.count(PULL) == tries


@pytest.mark.parametrize(
    ("said", "tries"), [("unauthorized: incorrect username or password", 1), ("no route to host", 2)]
)
def test_a_login_is_tried_again_only_where_that_may_help(tmp_path: Path, said: str, tries: int) -> None:
    engine = ScriptedEngine()
    engine.answers[f"{API}/auth"] = (500, {"message": f"Get https://registry.example.net:5000/v2/: {said}"})
    config = tmp_path / "config.json"
    config.write_text('{"auths": {}}', encoding="utf-8")
    given = {"registry": "registry.example.net:5000", "username": "puller", "password": PASSWORD}
    place = {"config_path": str(config), "socket": str(tmp_path / "engine.sock")}
    done = run(tmp_path, engine, {"wabiz.onprem.registry_login": {**given, **place}}).failed()
    (row,) = done.failures
    assert row["msg"].startswith("login of puller at registry.example.net:5000: ") and said in row["msg"]
    assert engine.asked.count(f"{API}/auth") == tries
    assert PASSWORD not in done.output and "auths" in config.read_text(encoding="utf-8")


def test_a_login_that_is_accepted_is_kept_where_it_was_told(tmp_path: Path) -> None:
    engine = ScriptedEngine()
    engine.answers[f"{API}/auth"] = (200, {"Status": "Login Succeeded", "IdentityToken": ""})
    config = tmp_path / "login" / "config.json"
    given = {"registry": "registry.example.net:5000", "username": "puller", "password": PASSWORD}
    place = {"config_path": str(config), "socket": str(tmp_path / "engine.sock")}
    done = run(tmp_path, engine, {"wabiz.onprem.registry_login": {**given, **place}}).succeeded()
    assert PASSWORD not in done.output
    assert "registry.example.net:5000" in config.read_text(encoding="utf-8")
    assert config.stat().st_mode & 0o777 == 0o600
