# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the client's users are made, and what an administrator is told to do where we may not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.community.mysql.plugins.module_utils.implementations.mysql.hash import (
    mysql_sha256_password_hash,
)
from ansible_collections.community.mysql.plugins.module_utils.user import privileges_unpack
from ansible_collections.wabiz.onprem.plugins.module_utils._model import database_accounts as accounts
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import grants
from hypothesis import given
from hypothesis import strategies as st

AWKWARD = """it's %s "q" \\ $HOME `id`"""


def server(number: str, engine: str = "MySQL") -> dict[str, Any]:
    major, minor = number.split(".")
    return {"server_engine": engine, "version": {"major": int(major), "minor": int(minor)}}


@pytest.mark.parametrize("found", [server("5.7"), server("8.0"), server("10.11", "MariaDB"), server("11.8", "MariaDB")])
def test_the_vendors_plugin_where_the_server_has_it(found: dict[str, Any]) -> None:
    """The module's plain password means mysql_native_password."""
    account = accounts.mysql_account(found, "wabiz", AWKWARD, "wabiz_")
    assert account["password"] == AWKWARD
    assert {account[key] for key in ("plugin", "plugin_auth_string", "salt")} == {None}


@pytest.mark.parametrize("number", ["8.4", "9.7", "10.0"])
def test_another_plugin_where_it_has_not(number: str) -> None:
    account = accounts.mysql_account(server(number), "wabiz", AWKWARD, "wabiz_")
    assert (account["password"], account["plugin"]) == (None, "caching_sha2_password")
    assert account["plugin_auth_string"] == AWKWARD
    # So that the module finds the same hash again.
    assert account["salt"] == accounts.mysql_account(server(number), "wabiz", "another", "wabiz_")["salt"]
    assert account["salt"] != accounts.mysql_account(server(number), "wabiz", AWKWARD, "other_")["salt"]
    assert mysql_sha256_password_hash(AWKWARD, account["salt"]).startswith("$A$005$")


@given(st.text("aZ0_-", min_size=1, max_size=40))
def test_rights_are_on_the_prefix_and_nothing_else(prefix: str) -> None:
    account = accounts.mysql_account(server("8.0"), "wabiz", "x", prefix)
    ((place, rights),) = account["priv"].items()
    assert rights == "ALL"
    text = privileges_unpack(f"{place}:{rights}", "NOTANSI", True)
    assert text == {f"`{grants(prefix)[0]}`.*": ["ALL"], "*.*": ["USAGE"]}
    # As MySQL reads the name: % is any text, _ any character, unless a backslash is before it.
    wild = {"%": ".*", "_": ".", "\\_": "_"}
    parts = re.findall(r"\\_|.", grants(prefix)[0])
    matching = re.compile("".join(wild.get(part, re.escape(part)) for part in parts))
    assert matching.fullmatch(f"{prefix}waent")
    assert not matching.fullmatch(prefix.replace("_", "x") + "waent") or "_" not in prefix
    assert not matching.fullmatch("waent")


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"type": ""}, None),
        ({"type": "ANY"}, {"SSL": None}),
        ({"type": "X509"}, {"X509": None}),
        (
            {"type": "SPECIFIED", "cipher": "", "issuer": "/CN=a", "subject": "/CN=b"},
            {"ISSUER": "/CN=a", "SUBJECT": "/CN=b"},
        ),
    ],
)
def test_who_has_to_use_tls_goes_on_having_to(row: dict[str, str], wanted: dict[str, str | None] | None) -> None:
    others = [{"name": "other", "type": ""}, {"name": "wabiz", **row}]
    assert accounts.mysql_account(server("8.0"), "wabiz", "x", "wa_", demands=others)["tls_requires"] == wanted
    # The second user of a rotation is to be no weaker than the first.
    pair = [{"name": "wabiz", **row}]
    assert accounts.mysql_account(server("8.0"), "wabiz_b", "x", "wa_", demands=pair)["tls_requires"] == wanted
    assert accounts.mysql_account(server("8.0"), "wabiz", "x", "wa_")["tls_requires"] is None


def test_what_an_administrator_is_told() -> None:
    assert accounts.statements("mysql", "wabiz", "wa_") == [
        "CREATE USER 'wabiz'@'%' IDENTIFIED WITH mysql_native_password BY '<password>';",
        "GRANT ALL PRIVILEGES ON `wa\\_%`.* TO 'wabiz'@'%';",
    ]
    for version in ("8.4.3", "9.7.4", "10.11.6-MariaDB-log"):
        first = accounts.statements("mysql", "wabiz", "wa_", version)[0]
        assert first == "CREATE USER 'wabiz'@'%' IDENTIFIED BY '<password>';"
    assert accounts.statements("mysql", "wabiz", "wa_", "8.0.33") == accounts.statements("mysql", "wabiz", "wa_")
    assert accounts.statements("postgresql", "wabiz", "wa_") == [
        "CREATE ROLE \"wabiz\" LOGIN CREATEDB PASSWORD '<password>';"
    ]


def test_one_installation_goes_and_the_others_stay() -> None:
    there = ["mysql", "wa_waent", "wa_waweb", "wa_two_waent", "wax_waent", "other_waent"]
    assert accounts.own_databases(there, "wa_", ["wa\\_two\\_%", "other\\_%", "%"]) == ["wa_waent", "wa_waweb"]
    assert accounts.own_databases(there, "wa_two_", ["wa\\_%"]) == ["wa_two_waent"]
    # Both may have one user, whose rights are no other's; and what the client did not make is not its own.
    assert accounts.own_databases([*there, "wa_shop"], "wa_", []) == ["wa_waent", "wa_waweb"]
    # A second user of the same installation is no other.
    assert accounts.own_databases(there, "wa_two_", ["wa\\_two\\_%"]) == ["wa_two_waent"]


def test_a_user_of_two_installations_stays() -> None:
    rights = [
        {"name": "one", "place": "wa\\_%"},
        {"name": "one", "place": "wa_waent"},
        {"name": "both", "place": "wa_waent"},
        {"name": "both", "place": "wa_two_waent"},
        {"name": "wide", "place": "%"},
    ]
    users = ["one", "both", "wide", "dba", "none"]
    assert accounts.own_users(users, "wa_", rights, "dba") == ["one", "none"]
    assert accounts.own_users(["dba"], "wa_", []) == ["dba"]


@given(
    st.sets(st.text("ab_", min_size=1, max_size=5)), st.text("ab_", min_size=1, max_size=3), st.text("ab_", max_size=3)
)
def test_nothing_outside_the_prefix_is_ever_an_installations(names: set[str], prefix: str, rest: str) -> None:
    longer = f"{prefix}{rest}"
    own = accounts.own_databases(names, prefix, [grants(longer)[0]])
    assert all(name.startswith(prefix) for name in own)
    assert not rest or not any(name.startswith(longer) for name in own)
