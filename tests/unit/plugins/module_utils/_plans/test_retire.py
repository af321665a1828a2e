# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What retire.yml removes, and what keeps it from that."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verbs import VERBS

Thing = dict[str, Any]
UNIT, RECORD = "/etc/systemd/system/wabiz-loadbalancer-1.service", "/etc/wabiz/wabiz/upgrade.json"
HOSTS = {
    **{f"web{number}": ["webapp"] for number in (1, 2)},
    **{f"master{number}": ["master"] for number in (1, 2)},
    **{f"core{number}": ["coreapp"] for number in (1, 2, 3)},
    "db1": ["database"],
    "lb1": ["loadbalancer"],
    "old": ["retired"],
}
NODES = [
    {"host": host, "service": service, "name": f"wabiz-{service}-1", "address": f"{host}.test"}
    for host, (service,) in HOSTS.items()
    if service in ("webapp", "master", "coreapp")
]
SURPLUS = ("webapp", "master", "coreapp")


def container(host: str, service: str, **more: Any) -> Thing:
    base = {"name": f"wabiz-{service}-1", "id": f"{host}-{service}", "cluster": "wabiz", "node": service}
    return {**base, "running": True, "ports": [9090, 9091], "database": {"host": "db1.test"}, **more}


def said(host: str, service: str, role: str = "coreapp", status: str = "disconnected") -> Thing:
    number = f"{host}-{service}"
    return {
        "name": f"{host}:{number}",
        "host": host,
        "container_id": number,
        "role": role,
        "gateway_status": status,
        "errors": [],
    }


def cluster() -> Thing:
    """The inventory's nodes work; host old still has one of each service, and served a shard."""
    surveys: Thing = {
        host: {"engine": {"running": True}, "containers": [container(host, service)] if host != "old" else []}
        for host, (service,) in HOSTS.items()
    }
    surveys["db1"]["containers"] = [container("db1", "", name="wabiz-database", node="", database={})]
    surveys["lb1"] = {"engine": {"running": False}, "containers": [], "balancer": statistics("web1", "web2")}
    surveys["old"] |= {"containers": [container("old", service) for service in SURPLUS], "files": {}}
    nodes = [
        said("master1", "master", "primary_master"),
        said("master2", "master", "secondary_master"),
        said("old", "master", "secondary_master"),
        *(said(f"core{number}", "coreapp") for number in (1, 2, 3)),
        said("old", "coreapp", status="connected"),
    ]
    summary = {"registered": True}
    return {
        "topology": {
            "cluster": "wabiz",
            "services": HOSTS,
            "nodes": NODES,
            "counts": {"webapp": 2, "master": 2, "coreapp": 3},
            "groups": {"database": ["db1"], "loadbalancer": ["lb1"], "retired": ["old"]},
            "addresses": {host: f"{host}.test" for host in HOSTS},
            "retired": {"old": {"balancer": UNIT, "an upgrade": RECORD}},
        },
        "settings": {"shards": 1, "retire_without_standby": False},
        "surveys": surveys,
        "snapshot": {
            "health": {"nodes": nodes, "summary": summary},
            "shards": 1,
            "webapps": [{"endpoint": f"https://web{number}:9090", "ok": True, "error": ""} for number in (1, 2)],
        },
    }


def statistics(*names: str) -> str:
    rows = [f"webapps,{name}-wabiz-webapp-1,0,UP," for name in names]
    return "\n".join(["# pxname,svname,scur,status,", *rows, "webapps,BACKEND,0,UP,"])


def planned(spoil: Callable[[Thing], Any] = lambda _found: None) -> Thing:
    found = copy.deepcopy(cluster())
    spoil(found)
    return VERBS["retire"](Facts(**found, today="2026-03-01"))


@pytest.mark.parametrize("surplus", [True, False])
def test_nothing_is_removed_while_the_schema_is_upgraded(surplus: bool) -> None:
    def spoil(found: Thing) -> None:
        if not surplus:
            found["surveys"]["old"]["containers"] = []
        more = container("core1", "", name="wabiz-dbupgrade", node="", client="dbupgrade", version="2.57.2")
        found["surveys"]["core1"]["containers"].append(more)

    (refusal,) = planned(spoil)["refusals"]
    assert refusal.startswith("core1: container wabiz-dbupgrade is upgrading the schema")


def test_one_of_each_service_is_removed() -> None:
    found = planned()
    assert found["refusals"] == []
    (warning,) = found["warnings"]
    assert "any 1 host(s)" in warning and "now the cluster survives the failure of any 2 host(s)" in warning
    assert [(step["host"], step["what"], step["effect"]) for step in found["steps"]] == [
        ("old", "webapp", "none"),
        ("old", "master", "none"),
        ("old", "coreapp", "one shard, 30 to 35 s"),
    ]
    assert found["surplus"][0] == {
        "host": "old",
        "name": "wabiz-webapp-1",
        "id": "old-webapp",
        "service": "webapp",
        "port": 9090,
    }
    hosts = [f"{host}.test" for host in ("master1", "master2", "core1", "core2", "core3")]
    assert found["gate"] == {"hosts": hosts, "masters": 2, "coreapps": 3, "shards": 1}
    assert any(line.startswith("Afterwards: the cluster survives the failure of any 1 host") for line in found["text"])


def test_where_nothing_is_left_there_is_nothing_to_do() -> None:
    def clean(found: Thing) -> None:
        found["surveys"]["old"]["containers"] = []

    found = planned(clean)
    assert (found["steps"], found["refusals"]) == ([], [])
    assert found["text"] == ["Nothing to do: no host runs anything that is to be removed."]


def test_what_is_unfinished_is_not_removed_with_the_files_of_a_host_without_nodes() -> None:
    def left(found: Thing) -> None:
        found["surveys"]["old"].update(containers=[], files={RECORD: True})

    found = planned(left)
    assert found["steps"] == [] and "old: holds the record of an upgrade" in found["refusals"][0]


def test_a_retired_host_with_a_stopped_engine_may_have_nodes() -> None:
    stopped = {"engine": {"running": False, "present": True}, "containers": []}
    found = planned(lambda found: found["surveys"].update(old=stopped))
    assert found["warnings"][0].startswith("old: cannot be inspected, so nothing on it is removed.")
    # A balancer's needs none.
    found = planned(
        lambda found: found["surveys"].update(old={**stopped, "engine": {"running": False, "present": False}})
    )
    assert found["warnings"] == []


def test_a_service_that_a_host_gives_up() -> None:
    """The host itself stays, so the container is found though no host is retired."""

    def moved(found: Thing) -> None:
        found["surveys"]["old"]["containers"] = []
        found["surveys"]["core1"]["containers"].append(container("core1", "master"))
        found["snapshot"]["health"]["nodes"].append(said("core1", "master", "secondary_master"))

    assert [(one["host"], one["service"]) for one in planned(moved)["surplus"]] == [("core1", "master")]


def test_two_names_of_one_machine_show_the_same_containers() -> None:
    """What runs there is named by the inventory, on one of the names, and neither nodes nor the server are removed."""

    def named_twice(found: Thing) -> None:
        both = [container("core1", "coreapp"), container("db1", "", name="wabiz-database", node="", database={})]
        both[1]["id"] = found["surveys"]["db1"]["containers"][0]["id"]
        found["surveys"]["web1"]["containers"] += both
        found["surveys"]["old"]["containers"] = []

    found = planned(named_twice)
    assert (found["steps"], found["surplus"], found["databases"], found["refusals"]) == ([], [], [], [])


def test_a_second_name_of_a_machine_with_nodes_is_not_retired() -> None:
    """Its files are those of the nodes."""

    def renamed(found: Thing) -> None:
        found["surveys"]["old"]["containers"] = found["surveys"]["core1"]["containers"]

    (refusal,) = planned(renamed)["refusals"]
    assert refusal.startswith(
        "old: runs wabiz-coreapp-1, which the inventory names on a host that is the same machine."
    )


def test_the_database_server_of_before_and_a_balancer() -> None:
    def moved(found: Thing) -> None:
        found["surveys"]["old"]["containers"] = [container("old", "", name="wabiz-database", node="", database={})]
        found["surveys"]["old"]["files"] = {UNIT: True}

    found = planned(moved)
    assert (found["databases"], found["balancers"]) == ([{"host": "old", "name": "wabiz-database"}], ["old"])
    assert (found["surplus"], found["refusals"]) == ([], [])


def errors(host: str) -> Callable[[Thing], Any]:
    def spoil(found: Thing) -> None:
        for node in found["snapshot"]["health"]["nodes"]:
            if node["host"] == host:
                node |= {"errors": [{"code": 1014}], "role": None, "gateway_status": None}

    return spoil


def used(found: Thing, name: str = "old.test") -> None:
    found["surveys"]["old"]["containers"] = [container("old", "", name="wabiz-database", node="", database={})]
    found["surveys"]["core1"]["containers"][0]["database"] = {"host": name}


REFUSED: dict[str, tuple[Callable[[Thing], Any], str]] = {
    "a missing node": (
        lambda found: found["surveys"]["core3"]["containers"].clear(),
        "core3: wabiz-coreapp-1",
    ),
    "a failing node": (errors("master2"), "master2: wabiz-master-1 does not answer"),
    "a host that is down": (lambda found: found["surveys"].pop("core2"), "core2: cannot be inspected."),
    "a silent API": (lambda found: found["snapshot"].update(health={"msg": "no connection"}), "no connection"),
    "a bad webapp": (lambda found: found["snapshot"]["webapps"][1].update(ok=False, error="HTTP 500"), "HTTP 500"),
    "a balancer that knows it": (
        lambda found: found["surveys"]["lb1"].update(balancer=statistics("web1", "old")),
        "lb1: the balancer still knows webapp old-wabiz-webapp-1",
    ),
    "a database in use": (used, "old: its database server is still used by core1/wabiz-coreapp-1"),
    "an unfinished upgrade": (
        lambda found: found["surveys"]["old"].update(files={RECORD: True}),
        "old: holds the record of an upgrade",
    ),
}


@pytest.mark.parametrize(("spoil", "words"), REFUSED.values(), ids=REFUSED)
def test_it_refuses(spoil: Callable[[Thing], Any], words: str) -> None:
    refusals = planned(spoil)["refusals"]
    assert any(words in refusal for refusal in refusals), refusals


USED, UNKNOWN = "its database server is still used by core1/", "its database server may still be used: core1/"


@pytest.mark.parametrize(
    ("name", "address", "refusal"),
    [
        ("OLD.example.net.", "old.test", USED),
        ("old", "old.test", USED),
        ("2001:db8::1", "2001:DB8:0::1", USED),
        ("db1", "old.test", ""),
        ("DB1.example.net.", "old.test", ""),
        ("db1.test", "db1", ""),  # the present server, and not what another one is called
        ("10.0.0.7", "10.0.0.5", ""),  # the present server's address
        # None of these says which server it is: an alias, and an address of a host that is known by its name.
        ("db.example.net", "old.test", UNKNOWN),
        ("older.test", "old.test", UNKNOWN),
        ("10.0.0.5", "old.test", UNKNOWN),
        ("10.0.0.12", "10.0.0.1", UNKNOWN),
        ("", "old.test", UNKNOWN),
    ],
)
def test_a_server_is_removed_only_where_the_nodes_are_known_to_use_another(
    name: str, address: str, refusal: str
) -> None:
    def named(found: Thing) -> None:
        used(found, name)
        found["topology"]["addresses"]["old"] = address
        if name == "10.0.0.7":
            found["topology"]["addresses"]["db1"] = name
            for host in HOSTS:
                for one in found["surveys"][host]["containers"]:
                    one["database"] = {"host": name}

    refusals = planned(named)["refusals"]
    assert [one.startswith(f"old: {refusal}") for one in refusals] == [True] * bool(refusal)


def test_one_name_of_the_old_host_and_of_the_present_one_says_nothing() -> None:
    def both(found: Thing) -> None:
        used(found, "db.test")
        found["topology"]["addresses"] |= {"old": "db.test", "db1": "db.test"}
        for host in HOSTS:
            for one in found["surveys"][host]["containers"]:
                one["database"] = {"host": "db.test"}

    (refusal,) = planned(both)["refusals"]
    assert UNKNOWN.partition(":")[0] in refusal


def test_without_a_database_of_the_cluster_every_name_is_asked_about() -> None:
    """The databases have moved to an external server, under a name that may have been an alias of the old one."""

    def external(found: Thing) -> None:
        used(found, "db1.test")
        found["topology"]["groups"]["database"] = []
        found["surveys"]["db1"]["containers"] = []

    (refusal,) = planned(external)["refusals"]
    assert "old: its database server may still be used" in refusal and "core1/wabiz-coreapp-1" in refusal


def test_what_the_names_do_not_say_is_confirmed_for_one_host() -> None:
    def alias(found: Thing, confirmed: str, name: str = "db.example.net") -> None:
        used(found, name)
        found["settings"]["retire_database"] = [confirmed]

    (refusal,) = planned(lambda found: alias(found, "db1"))["refusals"]
    assert "use db.example.net" in refusal and "wabiz_retire_database: old" in refusal
    found = planned(lambda found: alias(found, "old"))
    assert (found["refusals"], found["databases"]) == ([], [{"host": "old", "name": "wabiz-database"}])
    # What is known to be in use is not confirmed.
    (refusal,) = planned(lambda found: alias(found, "old", "old.test"))["refusals"]
    assert USED in refusal


def small(found: Thing) -> None:
    """One coreapp is left, so that no host may fail any more."""
    found["topology"]["nodes"] = [node for node in NODES if node["host"] not in ("core2", "core3")]
    for host in ("core2", "core3"):
        found["surveys"][host]["containers"] = []


def test_a_cluster_that_survives_nothing_afterwards() -> None:
    (refusal,) = planned(small)["refusals"]
    assert "survives no host failure" in refusal and "wabiz_retire_without_standby: true" in refusal

    def accepted(found: Thing) -> None:
        small(found)
        found["settings"]["retire_without_standby"] = True

    found = planned(accepted)
    assert found["refusals"] == [] and "survives no host failure" in found["warnings"][0]


def test_a_retired_host_that_is_dead_is_no_reason_to_stop() -> None:
    found = planned(lambda found: found["surveys"].update(old={"unreachable": True, "msg": "no route"}))
    assert (found["steps"], found["refusals"]) == ([], [])
    assert found["warnings"] == [
        "old: cannot be inspected, so nothing on it is removed. "
        "See that it is never started again, or run this again then."
    ]


def test_before_registration_nodes_need_not_answer() -> None:
    def fresh(found: Thing) -> None:
        for node in found["snapshot"]["health"]["nodes"]:
            node["errors"] = [{"code": 1011}]
        found["snapshot"]["health"]["summary"]["registered"] = False

    found = planned(fresh)
    assert found["refusals"] == [] and "shards" not in found["gate"] and found["shards"] == 0
