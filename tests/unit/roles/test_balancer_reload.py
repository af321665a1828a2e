# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The balancer is reloaded for files that an earlier run has written, where that run ended before its reload."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.geteuid() != 0, reason="the files are owned by root")]

# In the place of systemd: the unit runs; the verb in the file `fails` does not work.
SYSTEMCTL = """#!/bin/sh
for verb; do [ "$verb" != --no-pager ] && break; done
echo "$verb" >> {folder}/asked
[ "$verb" != "$(cat {folder}/fails)" ] || {{ echo "no memory" >&2; exit 1; }}
[ "$verb" != show ] || printf 'LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n'
"""
PENDING = "not-reloaded"


def run(folder: Path, *arguments: str, fails: str = "", maxconn: int = 2000) -> PlaybookRun:
    """Run the balancer on this machine, with a program of that name in the place of HAProxy."""
    for name, text in {"systemctl": SYSTEMCTL, "haproxy": "#!/bin/sh\n"}.items():
        (folder / name).write_text(text.format(folder=folder), encoding="utf-8")
        (folder / name).chmod(0o755)
    (folder / "fails").write_text(fails, encoding="utf-8")
    (folder / "asked").write_text("", encoding="utf-8")
    (folder / "wabiz").mkdir(exist_ok=True)
    variables = {
        **LOCALLY,
        "_wabiz": {
            "cluster_name": "wabiz",
            "directory": f"{folder}/wabiz",
            "loadbalancer_state": "present",
            "loadbalancer_certificate": "certificate and key",
            "loadbalancer_address": "",
            "loadbalancer_port": 443,
            "loadbalancer_maxconn": maxconn,
            "loadbalancer_timeout": 60,
            "loadbalancer_check_interval": 2,
            "no_log": True,
        },
        "_loadbalancer_binary": f"{folder}/haproxy",
        "_loadbalancer_unit_file": f"{folder}/unit.service",
        "_loadbalancer_servers": [],
        "_loadbalancer_ca": "authority",
    }
    role = {"name": "wabiz.onprem.loadbalancer", "tasks_from": "balancer", "rolespec_validate": False}
    play = {"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": role}]}
    (folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    path = {"PATH": f"{folder}:{os.environ['PATH']}"}
    return run_playbook(
        folder / "play.yml", inventory="lb1,", extra_vars=variables, arguments=arguments, environment=path
    )


def reloads(folder: Path) -> int:
    return (folder / "asked").read_text(encoding="utf-8").split().count("reload")


@pytest.mark.parametrize("lost", ["daemon-reload", "reload"], ids=["before the reload", "in the reload"])
def test_a_reload_that_did_not_take_place_is_made_by_the_next_run(tmp_path: Path, lost: str) -> None:
    run(tmp_path, fails=lost).failed()
    predicted = run(tmp_path, "--check").succeeded()
    assert reloads(tmp_path) == 0
    assert run(tmp_path).succeeded().changed == predicted.changed != set()
    assert reloads(tmp_path) == 1
    # It is made once.
    assert run(tmp_path).succeeded().changed == set()
    assert reloads(tmp_path) == 0
    assert not (tmp_path / "wabiz" / "loadbalancer" / PENDING).exists()


def test_changed_files_are_loaded_once(tmp_path: Path) -> None:
    run(tmp_path).succeeded()
    changed = run(tmp_path, maxconn=3000).succeeded().changed
    assert {name.partition(" ")[0] for _host, name in changed} == {"template"}
    assert reloads(tmp_path) == 1
    assert run(tmp_path, maxconn=3000).succeeded().changed == set()
    assert reloads(tmp_path) == 0
