# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections that firewalls have to let through, by inventory."""

from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.ports import plan
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.reachability import peers
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._plans.test_topology import topology
from hypothesis import given
from hypothesis import strategies as st

GROUPS = {"webapp": ["web1", "web2"], "master": ["m1"], "coreapp": ["c1", "c2"]}
SETTINGS = {"database_host": "db.example", "database_port": 3306, "registry_host": "registry.example:5000"}


def planned(
    groups: dict[str, list[str]],
    ssh: dict[str, int] | None = None,
    hosts: dict[str, dict[str, Any]] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    # Masters have their ports from their variable.
    masters = {host: {"master_port": 6254} for host in groups.get("master", [])}
    cluster = topology(groups, **{**masters, **(hosts or {})})
    return plan(Facts(cluster, {**SETTINGS, **settings}, {}, {}, "", ssh=ssh or {}))


def found(made: dict[str, Any], purpose: str) -> list[tuple[list[str], list[str], list[int]]]:
    return [(row["source"], row["destination"], row["ports"]) for row in made["rows"] if row["purpose"] == purpose]


def test_nodes_reach_each_other_on_their_own_ports() -> None:
    nodes = ["web1", "web2", "m1", "c1", "c2"]
    assert found(planned(GROUPS), "nodes among each other") == [
        (nodes, ["m1"], [6254, 6255, 6256, 6257]),
        (nodes, ["c1", "c2"], [6250, 6251, 6252, 6253]),
    ]


def test_ports_one_by_one_and_further_ones() -> None:
    here: dict[str, dict[str, Any]] = {
        "c2": {"coreapp_ports": [7000, 7002, 7004, 7006], "published_address": "10.0.0.5"},
        **{host: {"container_options": {"published_ports": ["443:443"]}} for host in ("web1", "m1")},
    }
    here["m1"]["master_port"] = 6254
    made = planned(GROUPS, hosts=here)
    assert [(row[1], row[2]) for row in found(made, "nodes among each other")[1:]] == [
        (["c1"], [6250, 6251, 6252, 6253]),
        (["c2"], [7000, 7002, 7004, 7006]),
    ]
    further = found(made, "published by wabiz_container_options")
    assert further == [(["users of these ports"], ["web1", "m1"], [443])]
    assert found(planned(GROUPS), "published by wabiz_container_options") == []


def test_an_address_on_which_alone_a_host_publishes() -> None:
    hosts = {"c2": {"published_address": "10.0.0.5"}, "db1": {"database_published_address": "10.1.0.9"}}
    made = planned({**GROUPS, "database": ["db1"]}, {"c2": 22}, hosts)
    placed = {row["purpose"]: row["published"] for row in made["rows"] if row["published"]}
    assert placed == {"nodes among each other": {"c2": "10.0.0.5"}, "database": {"db1": "10.1.0.9"}}
    assert any("c1, c2 (10.0.0.5)" in line for line in made["text"])


def test_users_ask_the_balancers_where_there_are_any() -> None:
    users = ["users of the API"]
    assert (users, ["web1", "web2"], [9090]) in found(planned(GROUPS), "API")
    balanced = planned({**GROUPS, "loadbalancer": ["lb1"]})
    assert found(balanced, "API, balanced") == [(users, ["lb1"], [443])]
    ((callers, webapps, _ports),) = found(balanced, "API")
    assert "lb1" in callers
    assert webapps == ["web1", "web2"]


def test_the_host_of_the_api_modules_asks_the_webapps() -> None:
    asking = found(planned(GROUPS, api_delegate_to="localhost"), "API")[0][0]
    assert "controller" in asking
    assert "bastion" in found(planned(GROUPS, api_delegate_to="bastion"), "API")[0][0]


def test_the_database_is_a_host_of_the_inventory_or_a_name() -> None:
    ((_nodes, server, ports),) = found(planned(GROUPS), "database")
    assert (server, ports) == (["db.example"], [3306])
    assert found(planned({**GROUPS, "database": ["db1"]}), "database")[0][1] == ["db1"]


def test_shares_by_their_kind() -> None:
    nodes = [host for hosts in GROUPS.values() for host in hosts]
    nfs = {"media_source": "nfs1:/media", "media_fstype": "nfs"}
    cifs = {"media_source": "//files/media", "media_fstype": "cifs"}
    # The first host of the play is the database's, which mounts nothing.
    with_database = {**GROUPS, "database": ["db1"]}
    same = planned(with_database, hosts={host: {"master_port": 6254, **nfs} for host in nodes})
    assert found(same, "shared media") == [(nodes, ["nfs1"], [2049])]
    several = planned(with_database, hosts={"web1": nfs, "c1": cifs, "c2": cifs})
    assert found(several, "shared media") == [(["web1"], ["nfs1"], [2049]), (["c1", "c2"], ["files"], [445])]
    assert found(planned(GROUPS), "shared media") == []


def test_hosts_are_listed_by_the_port_of_ssh() -> None:
    ssh = {"web1": 22, "web2": 2222, "m1": 22}
    assert found(planned(GROUPS, ssh), "Ansible over SSH") == [
        (["controller"], ["web1", "m1"], [22]),
        (["controller"], ["web2"], [2222]),
    ]


def test_the_registry_and_whatsapp_are_outside() -> None:
    made = planned(GROUPS)
    assert [(row[1], row[2]) for row in found(made, "images")] == [(["registry.example"], [5000])]
    assert [row[2] for row in found(made, "WhatsApp")] == [[443, 5222], [443]]
    assert found(made, "WhatsApp")[0][0] == ["m1", "c1", "c2"]


def test_the_text_is_a_table_that_ends_where_lists_are_long() -> None:
    made = planned({**GROUPS, "coreapp": [f"c{number}" for number in range(30)]})
    assert made["text"][0].split() == ["SOURCE", "DESTINATION", "PORT", "PURPOSE"]
    assert any("and 22 more" in line for line in made["text"])
    assert any("c29" in row["destination"] for row in made["rows"])


def test_an_empty_inventory_needs_nothing() -> None:
    assert plan(Facts(topology({}), SETTINGS, {}, {}, ""))["rows"] == []


HOSTS = st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True)


@given(HOSTS, HOSTS, HOSTS)
def test_what_is_proved_before_a_start_is_in_the_table(
    webapps: list[str], masters: list[str], cores: list[str]
) -> None:
    groups = {"webapp": webapps, "master": masters, "coreapp": cores}
    made = planned(groups)
    allowed = {
        (source, place, port)
        for row in made["rows"]
        for source in row["source"]
        for place in row["destination"]
        for port in row["ports"]
    }
    cluster = topology(groups, **{host: {"master_port": 6254} for host in masters})
    for host in {*webapps, *masters, *cores}:
        assert {(host, one["host"], one["port"]) for one in peers(cluster, host, {})} <= allowed
