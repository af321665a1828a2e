# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode shows the driver that a run installs to look at a database server of others, and looks at nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow


def test_the_driver_is_predicted_where_nodes_are_started(tmp_path: Path) -> None:
    variables = {
        "ansible_become": False,
        "_wabiz_topology": {"groups": {"database": []}, "nodes": [], "keeper": "one", "playbook": "site"},
        # The role would ask the package manager of this machine.
        "_database_driver_there": True,
    }
    groups = {"wabiz_node": {"hosts": {"one": None, "two": None}}, "wabiz_touched": {"hosts": {"two": None}}}
    inventory = {"all": {"hosts": {"one": LOCALLY, "two": LOCALLY}, "children": groups}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    play = ROOT / "playbooks" / "internal" / "look_around.yml"
    run = run_playbook(play, inventory=tmp_path / "hosts.yml", extra_vars=variables, arguments=["--check"]).succeeded()
    assert "included: wabiz.onprem.database for two" in run.stdout
    assert "included: wabiz.onprem.node" not in run.stdout
    assert sum(host.executions for host in run.hosts.values()) == 0
