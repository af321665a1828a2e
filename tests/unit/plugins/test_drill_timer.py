# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""failover_drill.yml: what its timer kills and starts, it asks of the engine that was inspected; and its result."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import docker

from tests.support.paths import ROOT
from tests.unit.plugins.one_task import asked, run_task, tasks

DOCKER = "docker --host unix:///var/run/docker.sock"


def test_the_container_is_killed_and_started_again(tmp_path: Path) -> None:
    variables = {
        "_wabiz": {"docker": docker(), "drill_limit": 300},
        "_wabiz_chosen": {"targets": [{"host": "web1", "name": "wabiz-coreapp-1"}]},
    }
    run_task(tmp_path, "failover_drill.yml", "Start the timer on each host", "systemd-run", variables).succeeded()
    lines = asked(tmp_path, "systemd-run").splitlines()
    assert f"--property=ExecStopPost=/usr/bin/env {DOCKER} start wabiz-coreapp-1" in lines
    assert lines[-3:] == ["sh", "-c", f"{DOCKER} kill wabiz-coreapp-1 && sleep infinity"]


def test_the_result_is_shown_whether_or_not_the_cluster_recovers() -> None:
    text = (ROOT / "playbooks" / "failover_drill.yml").read_text(encoding="utf-8")
    names = [task["name"] for task in tasks(yaml.safe_load(text))]
    told = [
        "Kill, measure, start again",
        "Show the result",
        "Hand the report on",
        "Wait until the cluster is healthy again",
    ]
    assert [name for name in names if name in told] == told
