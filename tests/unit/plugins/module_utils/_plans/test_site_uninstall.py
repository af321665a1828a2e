# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What site.yml and uninstall.yml say before they change anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._plans import site, uninstall
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verbs import in_use


def facts(surveys: dict[str, Any] | None = None, **more: Any) -> Facts:
    settings = more.pop("settings", {})
    return Facts({"cluster": "wabiz", "holder": "me"}, settings, surveys or {}, {}, "2026-11-25", **more)


def survey(**lists: Any) -> dict[str, Any]:
    return {"engine": {"running": True}, "containers": [], "networks": [], "volumes": [], **lists}


def named(name: str, cluster: str = "wabiz", **more: Any) -> dict[str, Any]:
    return {"name": name, "cluster": cluster, **more}


def test_what_differs_is_named_with_its_reason() -> None:
    plan = site.plan(facts(due={"web1": {"webapp": "its settings have changed", "media": "it is new"}}))
    assert plan["text"][0].split() == ["HOST", "PART", "REASON"]
    assert [step["what"] for step in plan["steps"]] == ["webapp", "media"]
    assert "its settings have changed" in plan["text"][1]


def test_nothing_to_do_is_said() -> None:
    plan = site.plan(facts())
    assert (plan["steps"], plan["text"]) == ([], [site.NOTHING])


def test_what_the_cluster_survives_then_is_told_by_host_and_by_zone() -> None:
    placed = {"webapp": "ab", "master": "ab", "coreapp": "aab"}
    nodes = [
        {"host": f"{service}{number}", "address": f"{service}{number}", "zone": zone, "service": service, "name": "x"}
        for service, zones in placed.items()
        for number, zone in enumerate(zones)
    ]
    known = facts(due={"web1": {"webapp": "new"}})
    plan = site.plan(replace(known, topology={**known.topology, "nodes": nodes}, settings={"shards": 2}))
    assert plan["survives"] == {"webapps": 1, "masters": 1, "coreapps": 1}
    assert plan["survives_zones"] == {"webapps": 1, "masters": 1, "coreapps": 0}
    hosts, zones = plan["text"][-2:]
    assert hosts.startswith("Afterwards: the cluster survives the failure of any 1 host(s) (host failures")
    assert zones.startswith("Afterwards: the cluster survives no zone failure (zone failures")


def test_only_what_has_the_clusters_label_is_removed() -> None:
    there = survey(
        containers=[named("wabiz-webapp-1", running=True), named("other", "", running=True)],
        networks=[named("wabiz"), named("bridge", "")],
        volumes=[named("wabiz-database")],
    )
    plan = uninstall.plan(facts({"web1": there}))
    assert [(step["what"], step["name"]) for step in plan["steps"]] == [
        ("container", "wabiz-webapp-1"),
        ("network", "wabiz"),
    ]
    assert "Data volumes are kept" in plan["text"][-1]
    with_data = uninstall.plan(facts({"web1": there}, settings={"uninstall_volumes": "wabiz"}))
    assert ("volume", "wabiz-database") in [(step["what"], step["name"]) for step in with_data["steps"]]


def test_a_host_that_cannot_be_reached_is_named() -> None:
    (step,) = uninstall.plan(facts({"web1": {"unreachable": True}}))["steps"]
    assert (step["host"], step["state"]) == ("web1", "unreachable")


def test_who_else_holds_the_lock_is_named() -> None:
    lease = {"holder": "anna", "purpose": "site.yml", "since": "today", "until": "tomorrow", "expired": False}
    assert in_use(facts({"web1": {"lock": lease}})) == ["In use by anna for site.yml, since today, until tomorrow."]
    for unused in ({}, {**lease, "expired": True}, {**lease, "holder": "me"}, {"error": "not readable"}):
        assert in_use(facts({"web1": {"lock": unused}})) == []
