# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role media in real runs: what Docker waits for, and the probe over hosts; programs stand for Docker and systemd."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

HOSTS = ("one", "two", "three")
# In a container: the script is run where the directory of that name is.
DOCKER = """#!/bin/sh
shift 3
[ "$1" != --detach ] || exit 0
name=$1; script=$4; shift 6
exec sh -c "$script" sh "$ROOT/$name" "$@"
"""
SYSTEMCTL = '#!/bin/sh\necho "$@" >> "$ROOT/systemctl.log"\n'
SHARED = {"media_path": "/srv/media", "media_shared": None}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("docker", DOCKER), ("systemctl", SYSTEMCTL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return tmp_path


def run(
    root: Path, tasks: list[dict[str, Any]], *arguments: str, wabiz: dict[str, Any] | None = None, **variables: Any
) -> PlaybookRun:
    common = {**LOCALLY, "_wabiz": {"cluster_name": "wabiz", **(wabiz or SHARED)}, "_wabiz_survey": {}, **variables}
    play = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
    inventory = {"all": {"hosts": {host: {} for host in HOSTS}, "vars": common}}
    for name, content in (("hosts.yml", inventory), ("play.yml", play)):
        (root / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    environment = {"PATH": f"{root / 'bin'}:{os.environ['PATH']}", "ROOT": str(root)}
    return run_playbook(
        root / "play.yml", inventory=root / "hosts.yml", environment=environment, arguments=[*arguments, "--diff"]
    )


def role(entry: str, **variables: Any) -> dict[str, Any]:
    return {
        "ansible.builtin.include_role": {"name": "wabiz.onprem.media", "tasks_from": entry, "rolespec_validate": False},
        "vars": variables,
    }


# --- boot order -------------------------------------------------------------------------------------------------------


@pytest.mark.drill
def test_docker_waits_for_the_mount_as_long_as_there_is_one(root: Path) -> None:
    """Host three has no mount, and a file that an earlier run has left."""
    units = root / "units"
    (units / "three").mkdir(parents=True)
    (units / "three" / "wabiz.conf").write_text("[Unit]\n")
    topology = {
        "mount_points": {"one": ["/srv/my media%"], "two": ["/srv/media"], "three": []},
        "boot_file": f"{units}/{{{{ inventory_hostname }}}}/wabiz.conf",
    }
    announced = run(root, [role("boot")], "--check", _wabiz_topology=topology).succeeded().changed
    assert not (root / "systemctl.log").exists()
    done = run(root, [role("boot")], _wabiz_topology=topology).succeeded()
    assert done.changed == announced
    assert {host for host, _resource in done.changed} == set(HOSTS)
    lines = (units / "one" / "wabiz.conf").read_text().splitlines()
    assert lines[1:] == ["[Unit]", 'RequiresMountsFor="/srv/my media%%"']
    assert not (units / "three" / "wabiz.conf").exists()
    assert (root / "systemctl.log").read_text().count("daemon-reload") == len(HOSTS)
    removed = run(root, [role("boot", _media_awaited="")], _wabiz_topology=topology).succeeded()
    assert removed.changed == {(host, f"file {units}/{host}/wabiz.conf") for host in ("one", "two")}


# --- the probe --------------------------------------------------------------------------------------------------------

REPORTS = "ansible_play_hosts | map('extract', hostvars, 'media_result')"
PROBE = [
    role("probe", _media_containers=["{{ inventory_hostname }}-container"]),
    {
        "wabiz.onprem.preflight": {
            "reader": "verify",
            "stage": "media",
            "reports": f"{{{{ dict(ansible_play_hosts | zip({REPORTS})) }}}}",
        },
        "run_once": True,
    },
]


def stores(root: Path, **places: str) -> None:
    for host, place in places.items():
        (root / place).mkdir(exist_ok=True)
        (root / f"{host}-container").symlink_to(root / place)


def test_a_host_without_the_share_is_named(root: Path) -> None:
    stores(root, one="share", two="local", three="share")
    (failure,) = run(root, PROBE).failed().failures
    assert failure["msg"].startswith("two: two-container and ")
    assert "do not see each other's media" in failure["msg"]
    assert not [*(root / "share").iterdir(), *(root / "local").iterdir()]


def test_hosts_that_share_nothing_by_the_sites_will_look_at_their_own(root: Path) -> None:
    stores(root, one="a", two="b", three="c")
    result = root / "{{ inventory_hostname }}.json"
    told = {"ansible.builtin.copy": {"content": "{{ media_result | to_json }}", "dest": str(result)}}
    run(root, [*PROBE, told], wabiz={**SHARED, "media_shared": False}).succeeded()
    for host in HOSTS:
        (container,) = json.loads((root / f"{host}.json").read_text())["containers"]
        assert container["expected"] == [container["file"]]
