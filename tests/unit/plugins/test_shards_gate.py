# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What multiconnect.yml waits for before it sets the shards: its own task, against a webapp that follows a script."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import health
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook
from tests.unit.plugins.one_task import tasks

LEFT = ["app1", "app2", "core0", "core1", "core2"]


def test_shards_of_lost_coreapps_are_not_waited_for(
    tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str]
) -> None:
    """Three coreapps are left of five, for four shards; the client still names the others."""
    webapp.expect(health(3, 3, failing=2))
    text = (ROOT / "playbooks" / "internal" / "shards.yml").read_text(encoding="utf-8")
    (task,) = [task for task in tasks(yaml.safe_load(text)) if task["name"].startswith("Wait until every node")]
    reached = {"endpoints": [webapp.address], "ca_path": tls_files["ca"], "api_key": "key", "proxy": ""}
    defaults = {"wabiz.onprem.health_info": reached}
    play = {"hosts": "all", "gather_facts": False, "module_defaults": defaults, "tasks": [task]}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    known = {
        **LOCALLY,
        "_wabiz": {"shards": 2, "verify_timeout": 0},
        "_wabiz_snapshot": {"shards": 4},
        "_wabiz_plan": {"served_before": None, "tolerated": ["core3", "core4"]},
        "_wabiz_nodes": LEFT,
    }
    run_playbook(tmp_path / "play.yml", inventory="localhost,", extra_vars=known).succeeded()
