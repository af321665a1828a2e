# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One inspection of a host: host_info is asked what the inventory says of this host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook
from tests.unit.plugins.scripted_engine import ScriptedEngine

pytestmark = pytest.mark.slow


def played(tmp_path: Path, task: dict[str, Any], *more: dict[str, Any], **variables: Any) -> PlaybookRun:
    tasks = [{"wabiz.onprem.survey": task, "register": "seen", "ignore_errors": bool(more)}, *more]
    play = tmp_path / "play.yml"
    play.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    with ScriptedEngine().listening(tmp_path / "docker.sock"):
        return run_playbook(play, inventory="a,b,", extra_vars={**LOCALLY, **variables}, arguments=["--check"])


def surveyed(tmp_path: Path, task: dict[str, Any], **variables: Any) -> tuple[dict[str, Any], PlaybookRun]:
    """The result by host."""
    copy = {"content": "{{ seen | to_json }}", "dest": f"{tmp_path}/{{{{ inventory_hostname }}}}.json"}
    write = {"ansible.builtin.copy": copy, "check_mode": False, "diff": False}
    run = played(tmp_path, task, write, **variables)
    run.succeeded()
    return {host: json.loads((tmp_path / f"{host}.json").read_text(encoding="utf-8")) for host in "ab"}, run


def topology(tmp_path: Path) -> dict[str, Any]:
    """Each host is asked for a file of its own."""
    socket = str(tmp_path / "docker.sock")
    asked = {
        host: {"socket": socket, "files": [f"/{host}"], "parts": {"media": [f"directory /{host}"]}} for host in "ab"
    }
    return {"survey": asked}


@pytest.mark.parametrize("given", [True, False])
def test_each_host_is_asked_what_is_said_of_it(tmp_path: Path, given: bool) -> None:
    said = topology(tmp_path)
    if given:
        # What is given comes first.
        found, run = surveyed(tmp_path, {"topology": said}, _wabiz_topology={"survey": {}})
    else:
        found, run = surveyed(tmp_path, {}, _wabiz_topology=said)
    assert {resource for _host, resource in run.changed if not resource.startswith("copy")} == set()
    for host in "ab":
        assert found[host]["engine"]["running"] and found[host]["files"] == {f"/{host}": False}
        assert found[host]["fingerprints"] == {"media": {f"directory /{host}": "absent"}}


def test_a_host_of_which_nothing_is_said(tmp_path: Path) -> None:
    said = topology(tmp_path)
    del said["survey"]["b"]
    found, _run = surveyed(tmp_path, {"topology": said})
    assert "engine" in found["a"]
    assert found["b"]["failed"] and found["b"]["msg"] == (
        "There is no survey plan for b. Give topology, the result of module wabiz.onprem.preflight."
    )


def test_without_a_topology_the_reason_is_told(tmp_path: Path) -> None:
    found, _run = surveyed(tmp_path, {})
    assert all("Give topology" in found[host]["msg"] for host in "ab")


def test_the_client_is_asked_where_it_is_named(tmp_path: Path) -> None:
    found, _run = surveyed(tmp_path, {"topology": topology(tmp_path), "client": {"endpoints": []}})
    assert all(found[host]["health"]["msg"].startswith("endpoints is empty") for host in "ab")


@pytest.mark.parametrize(("python", "said"), [("3 8", "The host's Python is 3.8 ("), ("3 11", "Module result")])
def test_a_python_that_is_too_old_is_named(tmp_path: Path, python: str, said: str) -> None:
    """Its modules fail with a word that it does not know."""
    old = tmp_path / "python"
    error = "TypeError: 'type' object is not subscriptable"
    old.write_text(
        f'#!/bin/sh\ncase "$*" in *version_info*) echo "{python}";; *) echo "{error}" >&2; exit 1;; esac\n',
        encoding="ascii",
    )
    old.chmod(0o755)
    given = {"ansible_python_interpreter": str(old)}
    run = played(tmp_path, {"topology": topology(tmp_path)}, **given)
    messages = [failure["msg"] for failure in run.failures]
    assert len(messages) == 2
    assert all(said in message for message in messages), messages
