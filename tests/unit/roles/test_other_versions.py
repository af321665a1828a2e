# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which other versions of the cluster role node finds on the first webapp's host: in a real run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow


def container(version: str, cluster: str = "wabiz", node: str = "webapp") -> dict[str, Any]:
    return {"cluster": cluster, "node": node, "version": version}


# What runs there, and the versions that are not the wanted one.
HOSTS: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "empty": ([], []),
    "same": ([container("2.57.2"), container("2.57.2", node="coreapp")], []),
    "older": ([container("2.55.1"), container("2.55.1", node="coreapp")], ["2.55.1"]),
    "half": ([container("2.57.2"), container("2.55.1", node="coreapp")], ["2.55.1"]),
    "another_cluster": ([container("2.53.3", cluster="other")], []),
    "database": ([container("", node="")], []),
}


def test_only_nodes_of_this_cluster_count(tmp_path: Path) -> None:
    read = yaml.safe_load((ROOT / "roles" / "node" / "vars" / "main.yml").read_text(encoding="utf-8"))
    names = {"_node_other_versions": read["_node_other_versions"]}
    variables = {**LOCALLY, "_wabiz": {"cluster_name": "wabiz", "version": "2.57.2"}}
    hosts = {host: {"__node_keeper": {"containers": there}} for host, (there, _other) in HOSTS.items()}
    copy = {"content": "{{ _node_other_versions | to_json }}", "dest": f"{tmp_path}/{{{{ inventory_hostname }}}}.json"}
    play = [{"hosts": "all", "gather_facts": False, "vars": names, "tasks": [{"ansible.builtin.copy": copy}]}]
    inventory = {"all": {"vars": variables, "hosts": hosts}}
    for name, content in (("inventory.yml", inventory), ("play.yml", play)):
        (tmp_path / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    run_playbook(tmp_path / "play.yml", inventory=tmp_path / "inventory.yml").succeeded()
    found = {host: json.loads((tmp_path / f"{host}.json").read_text(encoding="utf-8")) for host in HOSTS}
    assert found == {host: other for host, (_there, other) in HOSTS.items()}
