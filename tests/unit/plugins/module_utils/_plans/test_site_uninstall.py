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
    topology = {
        "cluster": "wabiz",
        "holder": "me",
        "keeper": "web1",
        "external_database": more.pop("external", False),
        "services": more.pop("services", {}),
        "groups": {"database": ["db1"]},
    }
    return Facts(topology, settings, surveys or {}, {}, "2026-11-25", **more)


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
    assert (plan["steps"], plan["text"], plan["refusals"]) == ([], [site.NOTHING], [])


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


DUE = {"db1": {"database": "its settings, or the collection, have changed"}}
NODE = named("wabiz-coreapp-1", node="coreapp", running=True)


def server(state: str, *differences: str) -> dict[str, Any]:
    """What the comparison says of the server of host db1."""
    found = {"kind": "container", "name": "wabiz-database", "state": state, "differences": list(differences)}
    network = {"kind": "network", "name": "wabiz", "state": "same", "differences": []}
    return {"db1": [network, found]}


def test_a_restart_of_the_database_is_shown_and_has_to_be_accepted() -> None:
    live = {"core1": survey(containers=[NODE])}
    found = server("changed", "ulimits: none -> nofile:1:1")
    plan = site.plan(facts(live, due=DUE, compared=found))
    (step,) = plan["steps"]
    assert step["gate"] == "wabiz_allow_database_change"
    assert "the server is made anew, and the nodes are without a database meanwhile: ulimits" in plan["text"][1]
    (refusal,) = plan["refusals"]
    assert refusal.startswith("db1: ") and "wabiz_allow_database_change: true" in refusal and "ulimits" in refusal
    accepted = site.plan(facts(live, due=DUE, compared=found, settings={"allow_database_change": True}))
    assert (accepted["steps"], accepted["refusals"]) == ([step], [])


def test_what_takes_no_database_from_a_live_cluster_needs_no_consent() -> None:
    live = {"core1": survey(containers=[NODE])}
    for found in (server("same"), server("fresh"), server("changed", "running: False -> True"), {}):
        plan = site.plan(facts(live, due=DUE, compared=found))
        assert plan["refusals"] == []
        assert plan["steps"] == [{"host": "db1", "what": "database", "why": DUE["db1"]["database"]}]
    changed = server("changed", "env: a -> b")
    for other in ({**NODE, "cluster": "other"}, {**NODE, "running": False}, {**NODE, "node": ""}):
        assert site.plan(facts({"core1": survey(containers=[other])}, due=DUE, compared=changed))["refusals"] == []
    assert site.plan(facts({"core1": {"unreachable": True}}, due=DUE, compared=changed))["refusals"] == []


def test_only_what_has_the_clusters_label_is_removed() -> None:
    there = survey(
        containers=[named("wabiz-webapp-1", running=True), named("other", "", running=True)],
        networks=[named("wabiz"), named("bridge", "")],
        volumes=[named("wabiz-database", driver="local")],
    )
    plan = uninstall.plan(facts({"web1": there}))
    assert [(step["what"], step["name"]) for step in plan["steps"]] == [
        ("container", "wabiz-webapp-1"),
        ("network", "wabiz"),
    ]
    assert "Data volumes are kept" in plan["text"][-1]
    with_data = uninstall.plan(facts({"web1": there}, settings={"uninstall_volumes": "wabiz"}))
    assert ("volume", "wabiz-database") in [(step["what"], step["name"]) for step in with_data["steps"]]


def test_a_sites_own_server_loses_the_databases_with_the_data() -> None:
    given = {"database_host": "db.example.net", "database_prefix": "wa_", "database_user": "wabiz"}
    kept = uninstall.plan(facts(settings=given, external=True))
    assert kept["steps"] == []
    named_too = {**given, "uninstall_volumes": "wabiz"}
    plan = uninstall.plan(facts(settings=named_too, external=True))
    assert [(step["what"], step["name"], step["state"]) for step in plan["steps"]] == [
        ("databases", "wa_*", "on db.example.net"),
        ("database user", "wabiz", "on db.example.net"),
    ]
    assert uninstall.plan(facts(settings=named_too))["steps"] == []
    plan = uninstall.plan(facts(settings={**named_too, "database_prefix": ""}, external=True))
    assert plan["steps"][0]["name"] == "waent, waweb"


def test_containers_that_are_not_seen_are_not_taken_for_removed() -> None:
    """With restart policy unless-stopped they start again with the engine, and nothing would say so."""
    stopped = {"running": False, "present": True, "error": "Connection refused"}
    services = {"core1": ["coreapp"], "core2": ["coreapp"], "lb1": ["loadbalancer"]}
    known = facts({host: survey(engine=stopped) for host in services} | {"core2": survey(problems={"containers": "x"})})
    plan = uninstall.plan(replace(known, topology={**known.topology, "services": services}))
    assert [line.partition(": ")[0] for line in plan["refusals"]] == ["core1", "core2"]
    assert "start again with it" in plan["refusals"][0] and "--limit" in plan["refusals"][0]
    assert plan["text"][-2:] == [f"Refused: {line}" for line in plan["refusals"]]
    without = survey(engine={"running": False, "present": False, "error": "No such file or directory"})
    assert uninstall.plan(facts({"core1": without, "core2": {"unreachable": True}}))["refusals"] == []


SERVICES = {"web1": ["webapp"], "core1": ["coreapp"], "old1": ["retired"], "lb1": ["loadbalancer"], "db1": ["database"]}
WITH_DATA = {"uninstall_volumes": "wabiz"}


def refused(*reached: str, volumes: dict[str, dict[str, Any]] | None = None, **more: Any) -> list[str]:
    """Why data are not removed, where these hosts were reached, and these have a volume."""
    found = {host: survey(volumes=[(volumes or {}).get(host, named("other", "", driver="local"))]) for host in reached}
    given = {"settings": WITH_DATA, "services": SERVICES, **more}
    return list(uninstall.plan(facts(found, **given))["refusals"])


def test_databases_are_not_removed_while_nodes_of_other_hosts_may_use_them() -> None:
    (refusal,) = refused("web1", "db1", external=True)
    assert refused("web1", "core1", "old1", external=True) == []
    assert refused("web1", external=True, settings={}) == []
    assert refusal.startswith("core1, old1: was not inspected; its nodes may use what would be removed: the databases.")
    assert "Run it for all hosts" in refusal and "from the inventory" in refusal


def test_a_host_that_cannot_be_reached_counts_as_left_out() -> None:
    given = facts(
        {**{host: survey() for host in ("web1", "old1")}, "core1": {"unreachable": True, "msg": "No route to host"}},
        settings=WITH_DATA,
        services=SERVICES,
        external=True,
    )
    (refusal,) = uninstall.plan(given)["refusals"]
    assert refusal.startswith("core1: is unreachable: No route to host; its nodes may use")


def test_volumes_that_other_hosts_use_are_not_removed_either() -> None:
    """The server's, and those of a driver that shares them; what is the host's alone may be removed with it."""
    database = {"db1": named("wabiz-database", driver="local")}
    (refusal,) = refused("web1", "db1", volumes=database)
    assert "volume wabiz-database of db1" in refusal
    (refusal,) = refused("web1", volumes={"web1": named("wabiz-media", driver="rexray")})
    assert "volume wabiz-media of web1" in refusal
    assert refused("web1", volumes={"web1": named("wabiz-media", driver="local")}) == []
    assert refused("web1", "db1", volumes={"db1": named("wabiz-database", "another", driver="local")}) == []


def test_a_container_that_upgrades_the_schema_is_not_removed_while_the_data_are_kept() -> None:
    """The databases would be kept half upgraded."""
    upgrades = named("wabiz-dbupgrade", node="", client="dbupgrade", running=True, version="2.57.2")
    there = {"core1": survey(containers=[upgrades])}
    (refusal,) = uninstall.plan(facts(there))["refusals"]
    assert refusal.startswith("core1: container wabiz-dbupgrade is upgrading the schema")
    assert "upgrade.yml with wabiz_version: 2.57.2" in refusal and "docker rm --force" in refusal
    assert uninstall.plan(facts(there, settings={"uninstall_volumes": "wabiz"}))["refusals"] == []
    ended = {"core1": survey(containers=[{**upgrades, "running": False}])}
    assert uninstall.plan(facts(ended))["refusals"] == []


def test_a_host_that_cannot_be_reached_is_named() -> None:
    (step,) = uninstall.plan(facts({"web1": {"unreachable": True}}))["steps"]
    assert (step["host"], step["state"]) == ("web1", "unreachable")


def test_who_else_holds_the_lock_is_named() -> None:
    lease = {"holder": "anna", "purpose": "site.yml", "since": "today", "until": "tomorrow", "expired": False}
    assert in_use(facts({"web1": {"lock": lease}})) == ["In use by anna for site.yml, since today, until tomorrow."]
    for unused in ({}, {**lease, "expired": True}, {**lease, "holder": "me"}, {"error": "not readable"}):
        assert in_use(facts({"web1": {"lock": unused}})) == []
