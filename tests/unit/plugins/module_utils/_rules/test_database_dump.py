# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a dump and against a restore."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import database_dump as rules

MANIFEST = {"prefix": "wabiz_", "kind": "mysql", "version": "8.0.33", "databases": ["wabiz_waent"], "owners": []}


def look(kind: str = "mysql", version: str = "8.0.33", program: str = "", **more: Any) -> dict[str, Any]:
    database = {"name": "wabiz_waent", "bytes": 50, "owner": "", "sessions": 0}
    server = {"kind": kind, "version": version}
    return {
        "server": server,
        "program": program or version,
        "databases": [database],
        "roles": [],
        "members": [],
        "may_create": True,
        "missing_rights": {},
        **more,
    }


def against_dump(found: dict[str, Any], free: int = 100) -> list[str]:
    return [str(finding) for finding in rules.before_dump("db1", found, "wabiz_", "/dumps", free)]


def against_restore(found: dict[str, Any], prefix: str = "wabiz_", user: str = "wabiz", **more: Any) -> list[str]:
    return [str(finding) for finding in rules.before_restore("db1", found, {**MANIFEST, **more}, prefix, user)]


def test_a_dump_needs_as_much_room_as_the_databases_take() -> None:
    assert against_dump(look(), 50) == []
    (refused,) = against_dump(look(), 49)
    assert refused.startswith("db1: A dump of the databases needs")


def test_there_must_be_something_to_dump() -> None:
    assert against_dump(look(databases=[])) == [
        "db1: the server has no databases of prefix wabiz_. Check the prefix and the server."
    ]


@pytest.mark.parametrize(
    ("kind", "version", "program", "refused"),
    [
        ("postgresql", "13.16", "15.5", False),
        ("postgresql", "13.16", "13.2", False),
        ("postgresql", "16.1", "15.5", True),
        ("mysql", "8.0.33", "5.7.44", False),
    ],
)
def test_programs_that_are_older_than_the_server(kind: str, version: str, program: str, refused: bool) -> None:
    assert bool(against_dump(look(kind, version, program))) is refused


@pytest.mark.parametrize(
    ("kind", "version", "words"),
    [
        ("mysql", "8.0.20", ""),
        ("mysql", "8.4.1", ""),
        ("mysql", "5.7.44", "is older"),
        ("mariadb", "10.11.6", "the dump is of MySQL 8.0.33, the server is MariaDB 10.11.6"),
        ("postgresql", "13.16", "the server is PostgreSQL 13.16"),
    ],
)
def test_the_server_must_be_of_the_dumps_kind_and_no_older(kind: str, version: str, words: str) -> None:
    found = against_restore(look(kind, version))
    assert words in " ".join(found) if words else found == []


def test_a_dump_of_another_prefix_is_refused() -> None:
    assert (
        "holds databases of prefix wabiz_, and databases of prefix other_ were asked for"
        in against_restore(look(), "other_")[0]
    )


def test_a_dump_without_a_prefix_is_one_of_its_own() -> None:
    """Every name begins with an empty prefix."""
    plain = {**MANIFEST, "prefix": "", "databases": ["waent", "waweb"]}
    assert list(rules.before_restore("db1", look(databases=[]), plain, "")) == []
    assert "holds databases of prefix wabiz_, and databases without a prefix" in against_restore(look(), "")[0]
    (refused,) = rules.before_restore("db1", look(databases=[]), plain, "wabiz_")
    assert "holds databases without a prefix" in str(refused)


@pytest.mark.parametrize(
    ("prefix", "name"), [("", "wallet"), ("", "wabiz_waent"), ("wabiz_", "wabiz_b_waent"), ("wabiz_", "mysql")]
)
def test_a_dump_that_would_replace_a_database_of_others_is_refused(prefix: str, name: str) -> None:
    manifest = {**MANIFEST, "prefix": prefix, "databases": [f"{prefix}waent", name]}
    (refused,) = rules.before_restore("db1", look(databases=[]), manifest, prefix)
    assert f"the dump holds {name}, which the client does not create" in str(refused)


def test_a_database_that_is_used_is_not_replaced() -> None:
    used = {"name": "wabiz_waent", "bytes": 1, "owner": "", "sessions": 2}
    assert against_restore(look(databases=[used])) == [
        "db1: 2 sessions use database wabiz_waent. Stop what is connected to it."
    ]
    # One that the dump does not hold is not touched.
    assert against_restore(look(databases=[{**used, "name": "wabiz_waweb"}])) == []


def test_who_may_not_create_databases_does_not_drop_them() -> None:
    assert "(CREATEDB)" in against_restore(look(may_create=False))[0]


def test_the_owners_of_the_dump_must_be_there() -> None:
    assert against_restore(look(roles=["postgres", "wabiz"]), owners=["wabiz"]) == []
    assert "no role old" in against_restore(look(roles=["postgres", "wabiz"]), owners=["old", "wabiz"])[0]


ACTS = ['GRANT "wabiz" TO "wabiz_b";', 'ALTER ROLE "wabiz_b" SET ROLE TO "wabiz";']


@pytest.mark.parametrize(
    ("roles", "members", "statements"),
    [
        # A new server, with the login after an odd number of rotations.
        (["wabiz_b"], [], ['CREATE ROLE "wabiz" CREATEDB;', *ACTS]),
        (["wabiz", "wabiz_b"], [["wabiz", "wabiz_b"]], ACTS),
        (["wabiz", "wabiz_b"], [["wabiz_b", "wabiz"]], []),
    ],
)
def test_the_clients_user_may_use_what_the_other_user_of_the_pair_owns(
    roles: list[str], members: list[list[str]], statements: list[str]
) -> None:
    found = against_restore(look(roles=roles, members=members), user="wabiz_b", owners=["wabiz"])
    assert len(found) == bool(statements)
    assert not statements or found[0].endswith(" ".join(["As an administrator:", *statements]))


def test_a_role_beside_the_owner_is_named_for_itself() -> None:
    owners = ["reader", "wabiz"]
    first, second = against_restore(look(roles=["wabiz_b"]), user="wabiz_b", owners=owners)
    assert "no role reader," in first and 'CREATE ROLE "wabiz" CREATEDB;' in second
    # Whose databases they are is not known where the user is none of them.
    assert against_restore(look(roles=["one", "two", "wabiz"]), owners=["one", "two"]) == []


@pytest.mark.parametrize("against", [against_dump, against_restore])
def test_rights_that_the_programs_need_are_granted_first(against: Any) -> None:
    lacking = look(missing_rights={"dump": ["EVENT"], "restore": ["EVENT", "LOCK TABLES"]})
    assert "EVENT" in against(lacking)[0] and r"ON `wabiz\_%`.* TO the user's account" in against(lacking)[0]
