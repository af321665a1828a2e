# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On which hosts role engine acts in a user's own play: a real run, with what a survey has found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow

ACT = "wabiz.onprem.engine : Inspect the host"
WELL: dict[str, Any] = {
    "engine": {"running": True, "present": True, "kind": "docker", "version": "20.10.24"},
    "requirements": {"requests": True, "crontab": True, "docker": True},
    "services": {"docker": True, "cron": True},
    "system": {"id": "debian", "version": "12", "family": "debian"},
    **{name: {} for name in ("images", "mounts", "files", "connections", "names", "problems")},
    **{name: [] for name in ("containers", "networks", "volumes", "ports_taken", "clusters")},
    "disk_free": 50e9,
}


# By host, what differs there.
FOUND: dict[str, dict[str, Any]] = {
    "well": {},
    "no-systemd": {"services": {}},
    "stopped": {"services": {"docker": True, "cron": False}},
    "lacking": {"requirements": {"requests": False, "crontab": True, "docker": True}},
    "bare": {"engine": {"running": False, "present": False, "kind": "", "error": "No such file or directory"}},
}


def test_the_role_acts_where_something_is_missing_or_does_not_run(tmp_path: Path) -> None:
    """In check mode, and with nothing to install or to start: whatever this machine lacks, it keeps."""
    plays = [{"hosts": "all", "gather_facts": False, "roles": [{"role": "wabiz.onprem.engine"}]}]
    hosts = {host: {"found": {**WELL, **found}} for host, found in FOUND.items()}
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": LOCALLY}}), encoding="utf-8")
    run_playbook(
        tmp_path / "play.yml",
        inventory=tmp_path / "hosts.yml",
        extra_vars={
            "_wabiz_survey": "{{ found }}",
            "_engine_lacking": {"engine": [], "others": [], "services": []},
        },
        environment={
            "ANSIBLE_CALLBACKS_ENABLED": "task_census,task_times",
            "WABIZ_TASK_TIMES": str(tmp_path / "times"),
        },
        arguments=["--check"],
    ).succeeded()
    lines = map(json.loads, (tmp_path / "times").read_text(encoding="utf-8").splitlines())
    assert {line["host"] for line in lines if line["task"] == ACT} == {"stopped", "lacking", "bare"}
