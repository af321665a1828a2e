# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils.preflight import (
    DATABASE_PASSWORD_FORBIDDEN,
    Cluster,
    Finding,
    host_findings,
    inventory_findings,
    merged,
    value_findings,
)
from hypothesis import given
from hypothesis import strategies as st

GROUPS = {
    "database": ["db1"],
    "webapp": ["web1", "web2"],
    "master": ["m1", "m2"],
    "coreapp": ["c1", "c2", "c3"],
}
VALUES: dict[str, Any] = {
    "wabiz_cluster_name": "wabiz",
    "wabiz_version": "2.57.2",
    "wabiz_shards": 1,
    "wabiz_require_ha": True,
    "wabiz_allow_database_on_node": False,
    "wabiz_database_host": "db1",
    "wabiz_database_user": "wabiz",
    "wabiz_database_password": "Canary-password-1",
    "wabiz_database_prefix": "wabiz_",
    "wabiz_api_key": "0123456789abcdef",
    "wabiz_jwt_key": "k" * 64,
    "wabiz_minimum_disk_gb": 5,
    "webapp_instances": 1,
    "webapp_port": 9090,
    "master_instances": 1,
    "master_port": 6254,
    "coreapp_instances": 1,
    "coreapp_port": 6250,
}


def cluster(groups: dict[str, list[str]] | None = None, **values: Any) -> Cluster:
    chosen = {**GROUPS, **(groups or {})}
    hosts = dict.fromkeys(host for members in chosen.values() for host in members)
    known = {*VALUES, "coreapp_extra_env"}
    return Cluster("wabiz", chosen, {host: {**VALUES, **values} for host in hosts}, known, dict(chosen))


def fatal(findings: list[Finding]) -> list[str]:
    return [str(finding) for finding in findings if finding.fatal]


def only(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def test_a_good_inventory_has_no_findings() -> None:
    assert inventory_findings(cluster()) == []


@pytest.mark.parametrize(("group", "left"), [("master", ["m1"]), ("coreapp", ["c1"]), ("webapp", [])])
def test_too_few_nodes(group: str, left: list[str]) -> None:
    found = only(fatal(inventory_findings(cluster({group: left}))))
    assert found.startswith(f"group {group}: has {len(left)} node(s)")


def test_instances_count_as_nodes() -> None:
    assert inventory_findings(cluster({"coreapp": ["c1"]}, coreapp_instances=2)) == []


def test_a_trial_may_have_one_master() -> None:
    assert fatal(inventory_findings(cluster({"master": ["m1"]}, wabiz_require_ha=False))) == []


@given(position=st.integers(0, 8), character=st.sampled_from(DATABASE_PASSWORD_FORBIDDEN))
def test_every_forbidden_character_is_found_and_the_password_is_not_shown(position: int, character: str) -> None:
    password = "Canary123"[:position] + character + "Canary123"[position:]
    found = only(fatal(inventory_findings(cluster(wabiz_database_password=password))))
    assert "wabiz_database_password" in found
    assert password not in found


@pytest.mark.parametrize("version", ["v2.57.2", "2.57", "latest"])
def test_version_format(version: str) -> None:
    assert "wabiz_version" in only(fatal(inventory_findings(cluster(wabiz_version=version))))


def test_port_collision_names_host_nodes_and_variables() -> None:
    groups = {"master": ["m1", "c1"]}
    found = fatal(inventory_findings(cluster(groups, master_port=6250)))
    assert len(found) == 4
    assert all(line.startswith("c1: port 625") and "master_port or coreapp_port" in line for line in found)


def test_a_balancer_beside_a_webapp_has_a_port_of_its_own() -> None:
    beside: dict[str, list[str]] = {"loadbalancer": ["web1"]}
    assert fatal(inventory_findings(cluster(beside, loadbalancer_port=443))) == []
    found = only(fatal(inventory_findings(cluster(beside, loadbalancer_port=9090))))
    assert found.startswith("web1: port 9090 is claimed by wabiz-webapp-1 and wabiz-loadbalancer-1.")
    assert "webapp_port or loadbalancer_port" in found


@pytest.mark.parametrize(
    ("given", "missing"),
    [("wabiz_drain_tasks", "wabiz_restore_tasks"), ("wabiz_restore_tasks", "wabiz_drain_tasks")],
)
def test_tasks_of_another_balancer_come_in_pairs(given: str, missing: str) -> None:
    alone = cluster(None, **{given: "/srv/tasks.yml"})
    alone.known_variables |= {given, missing}
    assert only(fatal(inventory_findings(alone))).startswith(f"variable {missing}: is not set")
    for variables in alone.variables.values():
        variables[missing] = "/srv/others.yml"
    assert inventory_findings(alone) == []


def test_two_hosts_of_one_address_are_one_machine() -> None:
    twice = cluster({"coreapp": ["c1", "c1-again"]})
    twice.variables["c1-again"]["ansible_host"] = "c1"
    found = fatal(inventory_findings(twice))
    assert len(found) == 4
    assert all(line.startswith("c1, c1-again: port 625") and "one address, c1" in line for line in found)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("wabiz_databse_host", "Did you mean wabiz_database_host?"),
        ("wabiz_something_else", "docs/variables.md"),
        ("coreapp_instance", "Did you mean coreapp_instances?"),
    ],
)
def test_misspelt_variables(name: str, hint: str) -> None:
    found = only(fatal(merged(inventory_findings(cluster(None, **{name: 1})))))
    assert name in found
    assert hint in found


@pytest.mark.parametrize("name", ["ansible_user", "web_root", "coreapp_backup_window", "my_database_host"])
def test_variables_of_others_are_left_alone(name: str) -> None:
    assert inventory_findings(cluster(None, **{name: 1})) == []


def test_database_on_a_node_host() -> None:
    found = only(fatal(inventory_findings(cluster(wabiz_database_host="c1"))))
    assert found.startswith("c1:")
    assert fatal(inventory_findings(cluster(wabiz_database_host="c1", wabiz_allow_database_on_node=True))) == []


def test_single_instance_by_group_name() -> None:
    old = cluster()
    old.all_groups["wacore"] = ["old1"]
    assert "single instance on old1" in only(fatal(inventory_findings(old)))


@pytest.mark.parametrize("shards", [3, 0, 64])
def test_shards_are_powers_of_two(shards: int) -> None:
    assert "wabiz_shards" in only(fatal(inventory_findings(cluster(wabiz_shards=shards))))


def test_fewer_coreapps_than_shards() -> None:
    assert "only 3 coreapps" in only(fatal(inventory_findings(cluster(wabiz_shards=4))))


def test_a_value_that_differs_between_hosts() -> None:
    mixed = cluster()
    mixed.variables["c1"]["wabiz_version"] = "2.55.1"
    assert "variable wabiz_version: differs" in only(fatal(inventory_findings(mixed)))


@pytest.mark.parametrize(
    ("value", "spec", "good"),
    [
        ("2", {"type": "int"}, True),
        ("many", {"type": "int"}, False),
        ("yes", {"type": "bool"}, True),
        ("perhaps", {"type": "bool"}, False),
        (["not", "a", "dict"], {"type": "dict"}, False),
        ("mysql", {"type": "str", "choices": ["mysql", "postgresql"]}, True),
        ("oracle", {"type": "str", "choices": ["mysql", "postgresql"]}, False),
        (None, {"type": "int"}, True),
    ],
)
def test_types_and_choices(value: Any, spec: dict[str, Any], good: bool) -> None:
    found = [str(finding) for finding in value_findings("h", "x", value, spec)]
    assert (found == []) is good
    assert not any(str(value) in line for line in found)


def report(**values: Any) -> dict[str, Any]:
    base = {
        "engine": {"running": True},
        "containers": [],
        "images": {},
        "ports_taken": [],
        "mounts": {},
        "files": {},
        "connections": {},
        "disk_free": 50_000_000_000,
    }
    return {**base, **values}


def container(**values: Any) -> dict[str, Any]:
    base = {
        "name": "wacore",
        "image": "docker.whatsapp.biz/coreapp:v2.57.2",
        "running": True,
        "cluster": "",
        "node": "",
        "version": "",
        "ports": [],
        "env_names": [],
    }
    return {**base, **values}


def judged(host: str, allow_version_change: bool = False, **values: Any) -> list[str]:
    return fatal(host_findings(cluster(), {host: report(**values)}, allow_version_change))


def test_a_good_host_has_no_findings() -> None:
    assert judged("c1", images={"x": "local", "y": "registry"}, mounts={"/m": True}, connections={"db1:3306": ""}) == []


def test_an_unreachable_host() -> None:
    found = fatal(host_findings(cluster(), {"c1": {"unreachable": True, "msg": "no route\ndetails"}}, False))
    assert only(found).startswith("c1: cannot be reached: no route")


def test_a_taken_port_names_its_holder() -> None:
    assert "taken by another process" in only(judged("c1", ports_taken=[6252]))
    other = container(name="nginx", image="nginx:1", ports=[6252])
    assert "taken by container nginx" in only(judged("c1", ports_taken=[6252], containers=[other]))


def test_our_own_port_is_not_taken() -> None:
    own = container(name="wabiz-coreapp-1", cluster="wabiz", node="coreapp", version="2.57.2", ports=[6252])
    assert judged("c1", ports_taken=[6252], containers=[own]) == []


def test_the_balancers_port() -> None:
    """Its own unit may hold it, anybody else may not."""
    balanced = cluster({"loadbalancer": ["lb1"]}, loadbalancer_port=443)
    taken = {"lb1": report(ports_taken=[443])}
    found = only(fatal(host_findings(balanced, taken, False)))
    assert "port 443, meant for wabiz-loadbalancer-1, is taken by another process" in found
    taken["lb1"]["files"] = {"/etc/systemd/system/wabiz-loadbalancer-1.service": True}
    assert host_findings(balanced, taken, False) == []


def test_a_running_single_instance() -> None:
    assert "single instance" in only(judged("c1", containers=[container()]))
    assert judged("c1", containers=[container(running=False)]) == []
    other = container(env_names=["WA_APP_MULTICONNECT"])
    assert "another installation" in only(judged("c1", containers=[other]))


def test_a_version_change_is_refused() -> None:
    old = container(name="wabiz-coreapp-1", cluster="wabiz", node="coreapp", version="2.55.1")
    assert "runs version 2.55.1, wabiz_version is 2.57.2" in only(judged("c1", containers=[old]))
    assert judged("c1", allow_version_change=True, containers=[old]) == []


def test_disk_database_mount_and_image() -> None:
    assert "4.0 GB free" in only(judged("c1", disk_free=4_000_000_000))
    assert "db1:3306: refused" in only(judged("c1", connections={"db1:3306": "refused"}))
    assert "/m is not a mount point" in only(judged("c1", mounts={"/m": False}))
    assert "image web:v1 is not to be had: unknown" in only(judged("c1", images={"web:v1": "unknown"}))


def test_one_missing_image_is_one_finding() -> None:
    reports = {host: report(images={"web:v1": "unknown"}) for host in ("web1", "web2")}
    assert only(fatal(merged(host_findings(cluster(), reports, False)))).startswith("web1, web2: image web:v1")
