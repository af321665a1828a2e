# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the playbooks reach the API is said in one place, and reaches every call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import health, shards
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

GROUP = "group/wabiz.onprem.api"
KEY, PASSWORD, TOKEN = "canary-api-key-0123456789", "Canary-Passw0rd", "canary.to.ken"
# Makes no call; it wants to know where the CA is.
SILENT = {"internal/loadbalancer.yml"}


def plays() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every play of the playbooks, with its file."""
    folder = ROOT / "playbooks"
    for path in [*folder.glob("*.yml"), *folder.glob("internal/*.yml")]:
        for play in yaml.safe_load(path.read_text(encoding="utf-8")):
            # Other files of that folder hold variables.
            if isinstance(play, dict):
                yield str(path.relative_to(folder)), play


def test_each_play_that_knows_the_api_gives_every_call_the_connection() -> None:
    found = [
        (name, play.get("module_defaults", {}).get(GROUP))
        for name, play in plays()
        if {"api_vars.yml", "internal/api_vars.yml"} & set(play.get("vars_files", []))
    ]
    assert len(found) > 10
    assert not [name for name, given in found if given != "{{ _wabiz_api }}" and name not in SILENT]


PLAY = """
- hosts: all
  gather_facts: false
  vars_files: [{api_vars}]
  module_defaults:
    group/wabiz.onprem.api: "{{{{ _wabiz_api }}}}"
  tasks:
    - wabiz.onprem.health_info:
        retries: 0
    - module_defaults:
        group/wabiz.onprem.api: "{{{{ _wabiz_api | combine({{'retries': 0}}) }}}}"
      block:
        - wabiz.onprem.shards_info:
"""


def run(folder: Path, webapp: ScriptedServer, ca: str, **settings: Any) -> PlaybookRun:
    """Two calls as the playbooks make them, with the variables of a site."""
    playbook = folder / "play.yml"
    playbook.write_text(PLAY.format(api_vars=ROOT / "playbooks" / "internal" / "api_vars.yml"))
    given = {"api_server_hostname": None, "api_proxy": None, "api_endpoints": None, **settings}
    variables = {
        **LOCALLY,
        "_wabiz": {"api_key": KEY, "admin_password": PASSWORD, "api_ca_path": ca, "directory": "/nowhere", **given},
        "_wabiz_topology": {"endpoints": [webapp.address], "keeper": "web1"},
    }
    quiet = {"no_proxy": "127.0.0.1"}
    return run_playbook(playbook, inventory="web1,", extra_vars=variables, arguments=["-vvv"], environment=quiet)


def test_server_name_and_credentials_reach_the_modules(
    named_webapp: ScriptedServer, tls_files: dict[str, str], tmp_path: Path
) -> None:
    login = Step("POST", "/v1/users/login", answer={"users": [{"token": TOKEN}]})
    named_webapp.expect(health(), login, shards(2), Step("POST", "/v1/users/logout"))
    done = run(tmp_path, named_webapp, tls_files["ca"], api_server_hostname="waweb.example.net").succeeded()
    assert not [secret for secret in (KEY, PASSWORD, TOKEN) if secret in done.output]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"api_proxy": "http://127.0.0.1:1"}, "the proxy does not answer"),
        ({"api_endpoints": ["https://127.0.0.1:1"]}, "https://127.0.0.1:1: no connection"),
    ],
)
def test_proxy_and_endpoints_reach_the_modules(
    webapp: ScriptedServer, tls_files: dict[str, str], tmp_path: Path, settings: dict[str, Any], reason: str
) -> None:
    assert reason in run(tmp_path, webapp, tls_files["ca"], **settings).failed().failures[0]["msg"]


def test_a_host_asks_its_own_webapp_without_the_proxy_of_its_environment(
    webapp: ScriptedServer, tls_files: dict[str, str], tmp_path: Path
) -> None:
    """Proxies of a site seldom lead to its own hosts, and no start of a webapp would be seen."""
    webapp.expect(Step("GET", "/"))
    port = webapp.address.rpartition(":")[2]
    role = {"name": "wabiz.onprem.node", "tasks_from": "serving", "rolespec_validate": False}
    play = [{"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": role}]}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    names = {"url_host": "127.0.0.1", "api_server_hostname": None, "api_endpoints": None, "ready_timeout": 3}
    variables = {
        **LOCALLY,
        "_wabiz": names,
        "_node_selected": [{"published_ports": [f"{port}:443"]}],
        "_node_ca_path": tls_files["ca"],
    }
    proxied = {"https_proxy": "http://127.0.0.1:1", "no_proxy": ""}
    run_playbook(tmp_path / "play.yml", inventory="web1,", extra_vars=variables, environment=proxied).succeeded()
