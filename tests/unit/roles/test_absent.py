# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks_from absent leaves in the cluster's directory: role node's task and variables, on real files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._model.own_files import own_files

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow

# Of the cluster, and of its log cleanup, which has a role of its own.
STAY = {"upgrade.json", "heartbeat.yml", "rotation.json", "secrets.json", "message-gc.stamp", "log-cleanup.sh"}
STAY |= {"log-cleanup.json", "settings-1.json"}
OF_HOST = {"cluster.json", "converged.json", "database-ca.pem"}
WEBAPP = {"webapp.yml", "webapp-ca.pem", "wabiz-webapp-1.drained"}
CONTAINERS = [{"name": f"wabiz-{node}-1", "cluster": "wabiz", "node": node} for node in ("webapp", "master")]


def left(folder: Path, containers: list[dict[str, str]]) -> set[str]:
    """What is there after the webapp of a host with these containers was removed."""
    directory = folder / "wabiz"
    directory.mkdir()
    for name in STAY | OF_HOST | WEBAPP | {"master.yml"}:
        (directory / name).touch()
    read = yaml.safe_load((ROOT / "roles" / "node" / "vars" / "main.yml").read_text(encoding="utf-8"))
    used = ("_node_ours", "_node_removable", "_node_others", "_node_with_data", "_node_own_files")
    tasks: list[dict[str, Any]] = yaml.safe_load((ROOT / "roles/node/tasks/remove.yml").read_text(encoding="utf-8"))
    (remove,) = [task for task in tasks if "wabiz.onprem.cluster_files" in task]
    variables = {
        **{name: read[name] for name in used},
        "_node_service_name": "webapp",
        "_wabiz": {"directory": str(directory), "cluster_name": "wabiz", "uninstall_volumes": None},
        "_wabiz_topology": {"own_files": own_files()},
        "_wabiz_survey": {"containers": containers},
    }
    play = [{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": [remove]}]
    (folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    run_playbook(folder / "play.yml", inventory="one,", extra_vars=LOCALLY).succeeded()
    return {path.name for path in directory.iterdir()}


def test_the_last_container_leaves_what_is_not_of_its_host(tmp_path: Path) -> None:
    """Else the next run would not know of an interrupted upgrade, and cron would not find its program."""
    assert left(tmp_path, CONTAINERS[:1]) == STAY


def test_beside_other_containers_only_its_own_files_are_removed(tmp_path: Path) -> None:
    assert left(tmp_path, CONTAINERS) == STAY | OF_HOST | {"master.yml"}


def test_who_removes_the_cluster_removes_all_of_it() -> None:
    """The plays of uninstall.yml and of retired hosts take this list; logs and saved settings are kept by it."""
    assert STAY - {"settings-1.json"} <= set(own_files()["configuration"])
