# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks are told about the inventory: each container with its machine, and who runs nothing any more."""

from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.plugins.action.preflight import ActionModule
from ansible_collections.wabiz.onprem.plugins.module_utils.preflight import Cluster


def topology(groups: dict[str, list[str]], **variables: dict[str, Any]) -> dict[str, Any]:
    everything = {"database": [], "webapp": [], "master": [], "coreapp": [], "retired": [], **groups}
    base = {
        "wabiz_registry": "registry",
        "wabiz_version": "2.57.2",
        "wabiz_database_engine": "mysql",
        "wabiz_database_host": "db",
    }
    hosts = {host for names in everything.values() for host in names}
    cluster = Cluster("wabiz", everything, {host: {**base, **variables.get(host, {})} for host in hosts})
    return ActionModule._topology(ActionModule.__new__(ActionModule), cluster)


def test_every_container_is_named_with_its_machine() -> None:
    found = topology(
        {"webapp": ["a"], "coreapp": ["a", "b"]}, b={"coreapp_instances": 2, "wabiz_external_hostname": "10.0.0.2"}
    )
    assert found["nodes"] == [
        {"host": "a", "service": "webapp", "name": "wabiz-webapp-1", "address": "a"},
        {"host": "a", "service": "coreapp", "name": "wabiz-coreapp-1", "address": "a"},
        {"host": "b", "service": "coreapp", "name": "wabiz-coreapp-1", "address": "10.0.0.2"},
        {"host": "b", "service": "coreapp", "name": "wabiz-coreapp-2", "address": "10.0.0.2"},
    ]


def test_a_host_is_retired_only_where_it_runs_nothing_else() -> None:
    found = topology({"master": ["a"], "coreapp": ["b"], "retired": ["a", "c"]})
    assert found["services"] == {"a": ["master"], "b": ["coreapp"], "c": ["retired"]}
    assert found["counts"]["coreapp"] == 1
    assert found["images"]["c"] == found["ports"]["c"] == found["connect"]["c"] == []
