# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""uninstall.yml removes no data after containers of another host could not be removed: they may run on."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.held import held
from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

DATABASES = "Read the password of the server's administrator"


def run(folder: Path, engine_of_core1: bool) -> PlaybookRun:
    """The removal itself, on hosts without an engine; where one was seen, its containers cannot be removed."""
    held(folder / "lock", "web1")
    text = (ROOT / "playbooks" / "uninstall.yml").read_text(encoding="utf-8")
    (uninstall,) = [play for play in yaml.safe_load(text) if play["name"] == "Uninstall"]
    (removal,) = [task for task in uninstall["tasks"] if "block" in task]
    tasks = yaml.safe_load(yaml.safe_dump([removal]).replace("internal/tasks/", f"{ROOT}/playbooks/internal/tasks/"))
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars": uninstall["vars"],
        "module_defaults": {"wabiz.onprem.containers": {"socket": str(folder / "none")}},
        "tasks": tasks,
    }
    variables = {
        "ansible_become": False,
        "_wabiz": {
            "cluster_name": "wabiz",
            "uninstall_volumes": "wabiz",
            "directory": str(folder),
            "logs_on_failure": False,
        },
        "_wabiz_topology": {
            "keeper": "web1",
            "playbook": "uninstall",
            "lock": str(folder / "lock"),
            "holder": "me",
            "external_database": True,
            "own_files": {"configuration": [], "saved": []},
            "boot_file": "boot",
            "login": "login",
            "passing": {"web1": [], "core1": []},
        },
        "_wabiz_survey": {
            "containers": [],
            "volumes": [],
            "engine": {"running": "{{ running }}"},
            "files": {"boot": False, "login": False},
        },
        "_wabiz_locked": {},
    }
    hosts = {"web1": {**LOCALLY, "running": False}, "core1": {**LOCALLY, "running": engine_of_core1}}
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml", extra_vars=variables).failed()


def test_a_host_that_fails_keeps_the_databases(tmp_path: Path) -> None:
    done = run(tmp_path, engine_of_core1=True)
    assert "Remove the containers: " in done.failures[-1]["msg"]
    assert f"TASK [{DATABASES}]" not in done.stdout
    assert not (tmp_path / "lock").exists()


def test_they_are_removed_when_no_container_is_left(tmp_path: Path) -> None:
    """As far as that: the administrator's password is not in this inventory."""
    assert DATABASES in run(tmp_path, engine_of_core1=False).failures[-1]["msg"]


def test_volumes_are_removed_after_the_containers_of_all_hosts() -> None:
    """A server's volume would be removed while the nodes of another host run on."""
    text = (ROOT / "playbooks" / "uninstall.yml").read_text(encoding="utf-8")
    containers, volumes = (text.index(f"- name: Remove the {what}\n") for what in ("containers", "volumes"))
    assert containers < volumes
    assert "ansible_check_mode else []" in text[containers:volumes]
