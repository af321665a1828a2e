# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that cannot be compared with the inventory ends the run of all hosts, before anything is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.held import held
from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

INTERNAL = ROOT / "playbooks" / "internal"
PART = {"site": "database", "multiconnect": "coreapp", "upgrade": "coreapp"}


def survey(requests: bool = True, running: bool = True) -> dict[str, Any]:
    return {"engine": {"running": running}, "requirements": {"requests": requests}}


def plan(folder: Path, verb: str, surveys: dict[str, Any]) -> PlaybookRun:
    """Run the plan of a verb. Of host two a container is to be compared that has no name."""
    topology = {**held(folder / "lock", "one"), "cluster": "try"}
    variables = {
        "ansible_become": False,
        "_wabiz": {"cluster_name": "try", "secret_env": [], "docker_host": f"unix://{folder}/none"},
        "_wabiz_topology": topology,
        "_wabiz_judged": {"due": {"one": {}, "two": {PART[verb]: "changed"}}},
        "_wabiz_locked": {},
        "_database_network": {},
        "_database_named_volumes": [],
        "_database_container": {},
        "_node_network": {},
        "_node_volumes": [],
        "_node_containers": [{}],
        "_node_selected": [{}],
    }
    hosts = {host: {**LOCALLY, "_wabiz_survey": survey} for host, survey in surveys.items()}
    names = {"wabiz_host": surveys, "wabiz_due": surveys, f"wabiz_due_{PART[verb]}": ["two"]}
    if verb == "multiconnect":
        names["wabiz_due_coreapp"] = surveys
    groups = {name: {"hosts": dict.fromkeys(members, None)} for name, members in names.items()}
    inventory = {"all": {"hosts": hosts, "children": groups}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    # Run by itself, its includes would be looked for beside it.
    outer = [{"name": "Plan", "ansible.builtin.import_playbook": str(INTERNAL / f"{verb}_plan.yml")}]
    (folder / "play.yml").write_text(yaml.safe_dump(outer), encoding="utf-8")
    return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml", extra_vars=variables).failed()


@pytest.mark.parametrize("verb", PART)
def test_it_ends_the_run_without_the_lock_and_names_the_host(verb: str, tmp_path: Path) -> None:
    run = plan(tmp_path, verb, {"one": survey(running=False), "two": survey()})
    assert run.failures[-1]["msg"].startswith("Nothing was changed. two: Compare the container")
    assert "TASK [Make the plan]" not in run.stdout and "TASK [Query the client's API]" not in run.stdout
    assert not (tmp_path / "lock").exists()


def test_without_what_a_comparison_needs_the_plan_is_made(tmp_path: Path) -> None:
    """Role engine installs it on host two."""
    run = plan(tmp_path, "site", {"one": survey(), "two": survey(requests=False)})
    assert "TASK [Make the plan]" in run.stdout
    assert "Compare the container" not in run.stdout
