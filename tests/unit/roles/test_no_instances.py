# SPDX-License-Identifier: GPL-3.0-or-later
"""A host of a group that is to run no node (instances: 0): variables of role node and of the look around."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow

NEVER_READ = {
    "certificate_authority": {"digest": "", "problem": ""},
    "file_digests": {"/etc/wabiz/wabiz/webapp-ca.pem": ""},
    "files": {"/etc/wabiz/wabiz/webapp-ca.pem": False},
}
NETWORK = {"kind": "network", "name": "wabiz", "state": "same"}
CONTAINER = {"kind": "container", "name": "wabiz-webapp-1"}
# What was compared on each host.
HOSTS: dict[str, list[dict[str, Any]]] = {
    "none": [NETWORK],
    "running": [NETWORK, {**CONTAINER, "state": "same"}],
    "new": [NETWORK, {**CONTAINER, "state": "fresh"}],
}


def evaluated(folder: Path, names: dict[str, Any], expression: str, variables: dict[str, Any]) -> dict[str, Any]:
    """What an expression is on each of the hosts."""
    copy = {"content": f"{{{{ {expression} | to_json }}}}", "dest": f"{folder}/{{{{ inventory_hostname }}}}.json"}
    play = [{"hosts": "all", "gather_facts": False, "vars": names, "tasks": [{"ansible.builtin.copy": copy}]}]
    hosts = {host: {"__node_compare": {"resources": found}} for host, found in HOSTS.items()}
    inventory = {"all": {"vars": {**LOCALLY, **variables}, "hosts": hosts}}
    for name, content in (("inventory.yml", inventory), ("play.yml", play)):
        (folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    run_playbook(folder / "play.yml", inventory=folder / "inventory.yml").succeeded()
    return {host: json.loads((folder / f"{host}.json").read_text(encoding="utf-8")) for host in HOSTS}


def test_nothing_is_started_there(tmp_path: Path) -> None:
    """Else the CA certificate of its first webapp would be read, which there is none."""
    read = yaml.safe_load((ROOT / "roles" / "node" / "vars" / "main.yml").read_text(encoding="utf-8"))
    used = ("_node_ca_", "_node_states", "_node_comparison")
    names = {name: value for name, value in read.items() if name.startswith(used)}
    variables = {
        "_wabiz": {"directory": "/etc/wabiz/wabiz"},
        "_wabiz_survey": NEVER_READ,
        "_node_service": {"name": "webapp", "certificate_authority": "/var/lib/whatsapp/ca.pem"},
    }
    found = evaluated(tmp_path, names, "_node_comparison", variables)
    assert found == {"none": "same", "running": "fresh", "new": "fresh"}


def test_nothing_is_looked_at_from_there(tmp_path: Path) -> None:
    """Its first node would be the container from which it looks."""
    names = yaml.safe_load((ROOT / "playbooks" / "internal" / "look_around_vars.yml").read_text(encoding="utf-8"))
    nodes = [{"host": host} for host in ("running", "new", "new")]
    variables = {"_wabiz_topology": {"nodes": nodes, "groups": {"database": []}}}
    names |= {"_wabiz_touched": ["new"], "_wabiz_listening": {"new": [6250]}}
    assert evaluated(tmp_path, names, "_wabiz_lookers | sort", variables) == {
        host: ["new", "running"] for host in HOSTS
    }


def test_no_schema_is_upgraded_there(tmp_path: Path) -> None:
    """Its image was pulled where coreapps run; and the point of no return is passed by then."""
    names = yaml.safe_load((ROOT / "playbooks" / "internal" / "upgrade_vars.yml").read_text(encoding="utf-8"))
    nodes = [{"host": "none", "service": "master"}, {"host": "running", "service": "coreapp"}]
    topology = {"nodes": nodes, "groups": {"coreapp": ["none", "running"]}}
    only = {"_wabiz_schema_host": names["_wabiz_schema_host"]}
    found = evaluated(tmp_path, only, "_wabiz_schema_host", {"_wabiz_topology": topology})
    assert set(found.values()) == {"running"}
