# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rotation of the database's login plans, refuses and tells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_users import first, other
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.rotation.plan import NOTHING, plan
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._plans.rotation.rotating import (
    SERVICES,
    World,
    new_world,
)

OLD, NEW = "Canary-old-1", "Canary-new-1"


def whats(found: dict[str, Any]) -> list[str]:
    return [step["what"] for step in found["steps"]]


def external(kind: str) -> World:
    """A server of which there is no administrator's login."""
    world = new_world(kind, ("wabiz", OLD))
    world.administered = False
    return world


@pytest.mark.parametrize(("user", "second"), [("wabiz", "wabiz_b"), ("_b", "_b_b")])
def test_the_two_names(user: str, second: str) -> None:
    assert other(user) == second
    assert other(other(user)) == user
    assert first(user) == first(second)


def test_two_passwords_of_one_user() -> None:
    found = plan(new_world("mysql", ("wabiz", OLD)).facts(("wabiz", NEW)))
    replaced = [f"replace wabiz-{service}-1" for service in SERVICES.values()]
    begin, end = "give user wabiz two passwords, the old and the new one", "end the old password of user wabiz"
    assert whats(found) == [begin, *replaced, end]
    assert (found["begin"], found["end"], found["pending"]) == ("password", ["password"], 5)
    assert found["record"] == {"users": ["wabiz"]}
    assert "Canary" not in str(found)


@pytest.mark.parametrize("kind", ["mysql", "mariadb", "postgresql"])
def test_two_users(kind: str) -> None:
    found = plan(new_world(kind, ("wabiz", OLD)).facts(("wabiz_b", NEW)))
    assert whats(found)[0] == "let user wabiz_b beside wabiz log in"
    assert whats(found)[-1] == "end the login of user wabiz"
    assert (found["begin"], found["end"], found["refusals"]) == ("user", ["user"], [])
    assert found["record"] == {"users": ["wabiz", "wabiz_b"]}


@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
def test_where_a_user_has_one_password_the_other_name_is_asked_for(kind: str) -> None:
    (refusal,) = plan(new_world(kind, ("wabiz", OLD)).facts(("wabiz", NEW)))["refusals"]
    assert refusal.startswith("variable wabiz_database_user: is wabiz, which the nodes have too")
    assert "Set it to wabiz_b" in refusal


def test_a_user_from_certain_addresses_is_not_the_collections() -> None:
    facts = new_world("mysql", ("wabiz", OLD)).facts(("wabiz", NEW))
    (refusal,) = plan(replace(facts, database={**facts.database, "exists": False}))["refusals"]
    assert "no user wabiz@%" in refusal


@pytest.mark.parametrize(
    ("kind", "user", "statements"),
    [
        ("mysql", "wabiz", ["ALTER USER 'wabiz'@'%' IDENTIFIED BY '<new password>' RETAIN CURRENT PASSWORD;"]),
        ("mysql", "wabiz_b", ["CREATE USER IF NOT EXISTS", "GRANT ALL PRIVILEGES ON `wabiz\\_%`.* TO 'wabiz_b'@'%';"]),
        ("postgresql", "wabiz_b", ['GRANT "wabiz" TO "wabiz_b";', 'ALTER ROLE "wabiz_b" SET ROLE TO "wabiz";']),
    ],
)
def test_the_administrator_of_the_server_is_told_what_to_run(kind: str, user: str, statements: list[str]) -> None:
    """Nothing is done until the new login works; then the run goes on, and ends with what is left to be run."""
    world = external(kind)
    found = plan(world.facts((user, NEW)))
    assert (found["begin"], found["end"]) == ("", [])
    (refusal,) = found["refusals"]
    assert "does not accept user" in refusal
    text = "\n".join(found["text"])
    for statement in statements:
        assert statement in text
    assert "before a node is replaced" in text
    world.administered = True
    now = world.facts((user, NEW))
    later = plan(replace(now, database={"administered": False, "accepts": True}))
    assert (later["refusals"], later["sql"]["begin"]) == ([], [])
    assert later["sql"]["end"]
    assert "Canary" not in str(later)


@pytest.mark.parametrize(
    ("version", "identified"),
    [
        ("", "IDENTIFIED WITH mysql_native_password BY"),
        ("5.7.44", "IDENTIFIED WITH mysql_native_password BY"),
        ("8.0.33", "IDENTIFIED WITH mysql_native_password BY"),
        ("8.4.3", "IDENTIFIED BY"),
        ("10.11.6-MariaDB", "IDENTIFIED BY"),
    ],
)
def test_the_second_user_has_the_plugin_that_the_client_can_use(version: str, identified: str) -> None:
    """MySQL 8.0 would give it another one, and the first node that gets the new login could not log in."""
    facts = external("mysql").facts(("wabiz_b", NEW))
    lines = plan(replace(facts, database={"administered": False, "accepts": False, "version": version}))["sql"]["begin"]
    assert lines[:2] == [
        f"CREATE USER IF NOT EXISTS 'wabiz_b'@'%' {identified} '<new password>';",
        f"ALTER USER 'wabiz_b'@'%' {identified} '<new password>' ACCOUNT UNLOCK;",
    ]


def test_a_cluster_that_began_with_the_second_name() -> None:
    """The first one is not there yet, and the other one owns the databases."""
    world = new_world("postgresql", ("team_b", OLD))
    world.administered = False
    lines = plan(world.facts(("team", NEW)))["sql"]["begin"]
    assert lines[0] == 'CREATE ROLE "team"; -- unless it exists'
    assert lines[1].startswith('-- only where "team_b" owns the databases: GRANT "team_b" TO "team";')


def test_no_user_is_made_a_member_of_a_superuser() -> None:
    """As where the server's administrator had created the databases."""
    facts = new_world("postgresql", ("wabiz", OLD)).facts(("wabiz_b", NEW))
    owned = replace(facts, database={**facts.database, "mighty_owner": "postgres"})
    (refusal,) = plan(owned)["refusals"]
    assert "belong to postgres" in refusal and 'OWNER TO "wabiz"' in refusal
    done = new_world("postgresql", ("wabiz_b", NEW)).facts(("wabiz_b", NEW))
    assert plan(replace(done, database={**done.database, "mighty_owner": "postgres"}))["refusals"] == []


def test_a_third_password_is_refused_while_two_are_used() -> None:
    world = new_world("mysql", ("wabiz", OLD))
    world.users["wabiz"].second = "another"
    (refusal,) = plan(world.facts(("wabiz", NEW)))["refusals"]
    assert "A rotation to another password has begun" in refusal


def test_hosts_that_were_not_looked_at_are_refused() -> None:
    facts = new_world("mysql", ("wabiz", OLD)).facts(("wabiz", NEW))
    stopped = {"engine": {"running": False, "error": "no"}, "containers": []}
    surveys = {host: report for host, report in facts.surveys.items() if host != "core1"} | {"core2": stopped}
    refusals = plan(replace(facts, surveys=surveys))["refusals"]
    assert [line.partition(" ")[0].rstrip(":,") for line in refusals] == ["core1", "core2"]


def test_nothing_to_do() -> None:
    found = plan(new_world("mysql", ("wabiz", OLD)).facts(("wabiz", OLD)))
    assert (found["needed"], found["text"], found["refusals"]) == (False, [NOTHING], [])


def test_a_record_that_cannot_be_read_is_refused() -> None:
    world = new_world("mysql", ("wabiz", OLD))
    world.record = "{"
    (refusal,) = plan(world.facts(("wabiz", OLD)))["refusals"]
    assert "is no record of a rotation" in refusal


def test_a_node_that_the_inventory_does_not_name_would_keep_the_old_login() -> None:
    """As on a host of group retired: no run replaces it, and the old login could never be ended."""
    there = new_world("mysql", ("wabiz", OLD)).facts(("wabiz", NEW))
    found = plan(replace(there, surveys={**there.surveys, "old1": there.surveys["core1"]}))
    (refusal,) = found["refusals"]
    assert "old1" in refusal and "remove it with retire.yml" in refusal


@pytest.mark.parametrize(("left_out", "servers"), [("web1", []), ("db1", ["db1"])])
def test_a_limit_that_leaves_out_who_asks_the_database_is_the_only_refusal(left_out: str, servers: list[str]) -> None:
    """Nothing was asked then: what the server allows is neither said nor refused."""
    facts = replace(external("mysql").facts(("wabiz", NEW)), database={})
    topology = {**facts.topology, "groups": {"database": servers}}
    surveys = {host: report for host, report in facts.surveys.items() if host != left_out}
    found = plan(replace(facts, topology=topology, surveys=surveys))
    assert found["refusals"] == [f"{left_out}: was not inspected. Run without --limit."]
    assert (found["steps"], found["sql"]) == ([], {})
