# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How playbooks revoke a token that they were given."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow

TOKEN = "canary.to.ken"
LOGOUT = Step("POST", "/v1/users/logout", headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.mark.parametrize("arguments", [[], ["--check"]])
@pytest.mark.parametrize("answer", [LOGOUT, error(500, "POST", "/v1/users/logout")])
def test_a_token_is_revoked_in_check_mode_too_and_ends_no_run(
    tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str], answer: Step, arguments: list[str]
) -> None:
    """A login is one in check mode too."""
    webapp.expect(answer)
    api = {"endpoints": [webapp.address], "ca_path": tls_files["ca"], "username": "admin", "password": "unused"}
    task = {
        "ansible.builtin.include_tasks": str(ROOT / "playbooks" / "internal" / "tasks" / "log_out.yml"),
        "vars": {"_wabiz_token": TOKEN},
    }
    defaults = {"group/wabiz.onprem.api": {**api, "retries": 0}}
    path = tmp_path / "play.yml"
    path.write_text(
        yaml.safe_dump([{"hosts": "all", "gather_facts": False, "module_defaults": defaults, "tasks": [task]}])
    )
    done = run_playbook(
        path,
        inventory="localhost,",
        extra_vars={**LOCALLY, "_wabiz_api_host": "localhost", "_wabiz_api_become": False},
        arguments=["-vvv", *arguments],
        environment={"no_proxy": "127.0.0.1"},
    )
    done.succeeded()
    webapp.verify()
    assert done.changed == set() and TOKEN not in done.output
