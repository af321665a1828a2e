# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webapps at balancers that do not answer: a repair goes on with all hosts, another run stops and names them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_balancer import CLUSTER, balancer, socat

from tests.support.held import held
from tests.support.paths import ROOT
from tests.support.playbook import DEAD, LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

INTERNAL = ROOT / "playbooks" / "internal"
NODES = {"web1": "wabiz-webapp-1", "web2": "wabiz-webapp-2"}
SERVERS = [f"{host}-{name}" for host, name in NODES.items()]
SILENT: dict[str, dict[str, Any]] = {
    "no socket": {"edge": LOCALLY},
    "dead host": {"edge": DEAD},
    "one of two": {"ok": LOCALLY, "edge": DEAD},
}
PASSED = {"ansible.builtin.copy": {"content": "", "dest": "{{ folder }}/passed-{{ inventory_hostname }}"}}
FULL = {"ansible.builtin.fail": {"msg": "no space left"}, "when": "inventory_hostname == 'web2'"}
END = {"ansible.builtin.include_tasks": str(INTERNAL / "tasks" / "failed.yml")}


def restored(playbook: str) -> dict[str, Any]:
    return {
        "name": "Restore",
        "ansible.builtin.import_playbook": str(INTERNAL / "drained.yml"),
        "vars": {"_wabiz_balancers_later": playbook == "site"},
    }


def play(*tasks: dict[str, Any]) -> dict[str, Any]:
    """A play on the hosts of the webapps, with the end of a failed playbook."""
    block = [{"name": "Go on", "block": list(tasks), "rescue": [{"name": "End", **END}]}]
    return {"hosts": "wabiz_due_drained", "gather_facts": False, "any_errors_fatal": True, "tasks": block}


def role(tasks: str, **variables: Any) -> dict[str, Any]:
    """Tasks of role loadbalancer as role rolling includes them, for the first webapp."""
    include = {"name": "wabiz.onprem.loadbalancer", "tasks_from": tasks, "rolespec_validate": False}
    node = {"host": "web1", "name": NODES["web1"]}
    return {
        "name": tasks,
        "ansible.builtin.include_role": include,
        "vars": {"wabiz_balancer_node": node, **variables},
        "run_once": True,
    }


def run(folder: Path, playbook: str, balancers: dict[str, Any], *plays: dict[str, Any], **more: str) -> PlaybookRun:
    """Plays of a playbook that has the lock, with both webapps left drained by an earlier run."""
    held(folder / "lock", "web1")
    for name in NODES.values():
        (folder / f"{name}.drained").touch()
    settings = {
        "directory": str(folder),
        "drain_timeout": 2,
        "drain_tasks": None,
        "restore_tasks": None,
        "logs_on_failure": False,
        "no_log": False,
        **more,
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
            "cluster": CLUSTER,
            "nodes": [{"host": host, "name": name, "service": "webapp"} for host, name in NODES.items()],
            "groups": {"loadbalancer": list(balancers)},
        },
        "_wabiz_locked": {"holder": "me"},
        "_wabiz_api": {},
    }
    drained: dict[str, dict[str, Any]] = {host: {} for host in NODES}
    hosts = {**balancers, **dict.fromkeys(NODES, LOCALLY)}
    groups = {"all": {"hosts": hosts, "children": {"wabiz_due_drained": {"hosts": drained}}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(groups), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump(list(plays), sort_keys=False), encoding="utf-8")
    return run_playbook(
        folder / "play.yml", inventory=folder / "hosts.yml", extra_vars=variables, environment=socat(folder)
    )


def passed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("passed-*"))


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.drained"))


def test_they_are_restored_at_a_balancer_that_answers(tmp_path: Path) -> None:
    with balancer(dict.fromkeys(SERVERS, "DRAIN")) as states:
        run(tmp_path, "upgrade", {"edge": LOCALLY}, restored("upgrade"), play({"name": "Pass", **PASSED})).succeeded()
    assert states == dict.fromkeys(SERVERS, "UP")
    assert left(tmp_path) == []
    assert passed(tmp_path) == ["passed-web1", "passed-web2"]


@pytest.mark.parametrize("kind", ["no socket", "dead host"])
def test_a_repair_goes_on_with_all_hosts(tmp_path: Path, kind: str) -> None:
    done = run(tmp_path, "site", SILENT[kind], restored("site"), play({"name": "Pass", **PASSED})).succeeded()
    assert passed(tmp_path) == ["passed-web1", "passed-web2"]
    for host, name in NODES.items():
        assert f"Balancer edge does not send requests to {host}/{name} again" in done.stdout
    assert (tmp_path / "lock").exists()
    assert len(left(tmp_path)) == len(NODES)


def test_a_later_error_is_the_cause(tmp_path: Path) -> None:
    done = run(tmp_path, "site", SILENT["no socket"], restored("site"), play({"name": "Write", **FULL})).failed()
    assert done.failures[-1]["msg"].startswith("Write: no space left")


@pytest.mark.parametrize("kind", ["no socket", "dead host"])
def test_any_other_run_stops_and_names_the_balancer(tmp_path: Path, kind: str) -> None:
    done = run(tmp_path, "upgrade", SILENT[kind], restored("upgrade"), play({"name": "Pass", **PASSED})).failed()
    said = done.failures[-1]["msg"]
    assert "Balancer edge does not send requests to web1/wabiz-webapp-1 again" in said, said
    assert passed(tmp_path) == []
    assert not (tmp_path / "lock").exists()


@pytest.mark.parametrize("kind", SILENT)
def test_a_repair_drains_at_the_balancers_that_answer(tmp_path: Path, kind: str) -> None:
    """The round afterwards restores the webapp at these, and goes on."""
    rounds = [role("drain"), role("restore", _loadbalancer_same_round=True), {"name": "Pass", **PASSED}]
    if kind == "one of two":
        with balancer(dict.fromkeys(SERVERS, "UP")) as states:
            done = run(tmp_path, "site", SILENT[kind], play(*rounds)).succeeded()
        assert states == dict.fromkeys(SERVERS, "UP")
    else:
        done = run(tmp_path, "site", SILENT[kind], play(*rounds)).succeeded()
    assert "Balancer edge does not answer: " in done.stdout
    assert "This run goes on without it." in done.stdout
    assert passed(tmp_path) == ["passed-web1", "passed-web2"]
    assert left(tmp_path) == ["wabiz-webapp-2.drained"]


@pytest.mark.parametrize("kind", SILENT)
def test_an_upgrade_drains_nothing_where_a_balancer_does_not_answer(tmp_path: Path, kind: str) -> None:
    tasks = [role("drain", _loadbalancer_spare_needed=True), {"name": "Pass", **PASSED}]
    with balancer(dict.fromkeys(SERVERS, "UP")) as states:
        silent = SILENT[kind] if kind != "no socket" else {"ok": LOCALLY, "edge": DEAD}
        said = run(tmp_path, "upgrade", silent, play(*tasks)).failed().failures[-1]["msg"]
    assert "Balancer edge does not answer: " in said, said
    assert "Run loadbalancer.yml" in said
    assert states == dict.fromkeys(SERVERS, "UP")
    assert passed(tmp_path) == []


def test_a_balancer_that_is_to_be_absent_is_not_asked(tmp_path: Path) -> None:
    tasks = [role("statistics", _loadbalancer_all_needed=True), role("restore"), {"name": "Pass", **PASSED}]
    run(tmp_path, "upgrade", {"edge": DEAD}, play(*tasks), loadbalancer_state="absent").succeeded()
    assert passed(tmp_path) == ["passed-web1", "passed-web2"]
