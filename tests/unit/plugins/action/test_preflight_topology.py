# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks are told about the inventory: each container with its machine, and who runs nothing any more."""

from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.plugins.action.preflight import ActionModule
from ansible_collections.wabiz.onprem.plugins.module_utils.preflight import Cluster


def topology(groups: dict[str, list[str]], **variables: dict[str, Any]) -> dict[str, Any]:
    everything = {
        "database": [],
        "webapp": [],
        "master": [],
        "coreapp": [],
        "loadbalancer": [],
        "retired": [],
        **groups,
    }
    base = {
        "wabiz_registry": "registry",
        "wabiz_version": "2.57.2",
        "wabiz_database_engine": "mysql",
        "wabiz_database_host": "db",
        "webapp_port": 9090,
        "coreapp_port": 6250,
        "loadbalancer_port": 443,
    }
    hosts = {host for names in everything.values() for host in names}
    cluster = Cluster("wabiz", everything, {host: {**base, **variables.get(host, {})} for host in hosts})
    return ActionModule._topology(ActionModule.__new__(ActionModule), cluster)


def test_every_container_is_named_with_its_machine() -> None:
    found = topology(
        {"webapp": ["a"], "coreapp": ["a", "b"]}, b={"coreapp_instances": 2, "wabiz_external_hostname": "10.0.0.2"}
    )
    assert found["nodes"] == [
        {"host": "a", "service": "webapp", "name": "wabiz-webapp-1", "address": "a", "port": 9090},
        {"host": "a", "service": "coreapp", "name": "wabiz-coreapp-1", "address": "a", "port": 6250},
        {"host": "b", "service": "coreapp", "name": "wabiz-coreapp-1", "address": "10.0.0.2", "port": 6250},
        {"host": "b", "service": "coreapp", "name": "wabiz-coreapp-2", "address": "10.0.0.2", "port": 6258},
    ]


def test_a_host_is_retired_only_where_it_runs_nothing_else() -> None:
    found = topology({"master": ["a"], "coreapp": ["b"], "retired": ["a", "c"]})
    assert found["services"] == {"a": ["master"], "b": ["coreapp"], "c": ["retired"]}
    assert found["counts"]["coreapp"] == 1
    assert found["images"]["c"] == found["ports"]["c"] == found["connect"]["c"] == []


def test_the_balancer_is_told_of_every_webapp_under_host_and_name() -> None:
    found = topology(
        {"webapp": ["a", "b"], "loadbalancer": ["b"]}, a={"webapp_instances": 2}, b={"wabiz_external_hostname": "b.net"}
    )
    assert found["balanced"] == [
        {"name": "a-wabiz-webapp-1", "address": "a", "port": 9090},
        {"name": "a-wabiz-webapp-2", "address": "a", "port": 9091},
        {"name": "b-wabiz-webapp-1", "address": "b.net", "port": 9090},
    ]
    assert found["services"]["b"] == ["webapp", "loadbalancer"]
    assert found["ports"] == {"a": [9090, 9091], "b": [9090, 443]}
    assert found["files"] == {"a": [], "b": ["/etc/systemd/system/wabiz-loadbalancer-1.service"]}
    assert len(found["nodes"]) == 3
