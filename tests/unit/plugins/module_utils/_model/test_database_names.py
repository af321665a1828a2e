# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which databases are an installation's, with a prefix and without; no name of others is ever one of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mysql_grants import missing_rights
from ansible_collections.wabiz.onprem.plugins.module_utils._model import database_names as model
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_accounts import (
    mysql_account,
    own_databases,
    own_users,
    statements,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.rotation import sql
from hypothesis import example, given
from hypothesis import strategies as st

from standin.store.bootstrap import CORE_DATABASE, WEB_DATABASE

OWN = {"waent", "waweb"}
SERVER = {"server_engine": "MySQL", "version": {"major": 8, "minor": 0}}
# What others call theirs: anything, what is near to the client's names, and those of a cluster with a prefix.
FOREIGN = st.one_of(
    st.text(min_size=1, max_size=20),
    st.from_regex(r"[a-z_]{0,3}wa(ent|web)?[a-z0-9_%]{0,5}", fullmatch=True),
    st.sampled_from(
        ["mysql", "postgres", "sys", "information_schema", "wallet", "warehouse", "wa", "waent1", "waweb_old"]
    ),
).filter(lambda name: name not in OWN)


def allowed(grant: str, database: str) -> bool:
    """Whether MySQL lets a user with this grant use the database."""
    text = grant.replace("<account>", "`w`@`%`")
    return missing_rights([text], database) == []


def grants_of(prefix: str) -> list[str]:
    """Every grant that is made or proposed for an installation's user."""
    account = mysql_account(SERVER, "wabiz", "x", prefix)
    made = [f"GRANT ALL ON `{place.removesuffix('.*')}`.* TO <account>" for place in account["priv"]]
    said = [
        *statements("mysql", "wabiz", prefix),
        *sql.beginning("mysql", "wabiz_b", prefix, two_users=True, version="8.0.33"),
    ]
    return [*made, *(line for line in said if line.startswith("GRANT "))]


@pytest.mark.parametrize(
    ("database", "ours"),
    [
        ("wabiz_waent", True),
        ("wabiz_waweb", True),
        # Of a cluster whose prefix begins like this one, and of no cluster.
        ("wabiz_b_waent", False),
        ("wabiz_wa_waent", False),
        ("wabiz_", False),
        ("WABIZ_waent", False),
        ("xwabiz_waent", False),
        ("wabiz_waent\n", False),
    ],
)
def test_only_what_the_client_creates_belongs_to_a_prefix(database: str, ours: bool) -> None:
    assert model.belongs(database, "wabiz_") is ours


@given(st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True), st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True))
def test_no_database_belongs_to_two_prefixes_that_end_as_ours_do(one: str, other: str) -> None:
    """Ours end with an underscore, unless a site says otherwise."""
    if one != other:
        assert not model.belongs(f"{one}_waent", f"{other}_")


def test_the_names_are_those_that_the_client_creates() -> None:
    assert set(model.created("")) == {CORE_DATABASE, WEB_DATABASE} == OWN
    assert model.created("wa_") == ["wa_waent", "wa_waweb"]
    assert all(model.belongs(name, prefix) for prefix in ("", "wa_") for name in model.created(prefix))


@given(FOREIGN)
@example("waent\n")
@example("WAENT")
@example("")
def test_without_a_prefix_no_name_of_others_is_ever_the_installations(name: str) -> None:
    assert not model.belongs(name, "")
    assert re.fullmatch(model.expression(""), name) is None
    assert own_databases([name, "waent"], "", []) == ["waent"]
    # Names of databases are no pattern; those of MySQL on Linux differ by their case.
    if name.lower() not in OWN:
        assert not any(allowed(grant, name) for grant in grants_of(""))


def test_without_a_prefix_the_users_rights_are_on_the_two_databases() -> None:
    grants = grants_of("")
    assert len(grants) == 6
    for own in OWN:
        assert sum(allowed(grant, own) for grant in grants) == 3
    assert not any(wild in grant.partition(" TO ")[0] for grant in grants for wild in "%_*"[:2])


@given(st.sets(FOREIGN))
def test_what_is_another_users_too_stays(names: set[str]) -> None:
    """Two installations without a prefix cannot be on one server; where both claim the names, none is dropped."""
    there = [*names, *OWN]
    assert own_databases(there, "", names) == sorted(
        OWN - {one for one in OWN if any(_covers(name, one) for name in names)}
    )
    assert own_databases(there, "", ["waent"]) == ["waweb"]
    # A right on all databases, as a monitoring user has one, claims none.
    assert own_databases(there, "", ["%", "wa%"]) == sorted(OWN)


def _covers(right: str, database: str) -> bool:
    """As own_databases() is to read a right: one that begins like the database and stands for it."""
    plain = re.sub(r"\\(.)", r"\1", right)
    parts = re.findall(r"\\.|.", right)
    stands = re.fullmatch("".join({"%": ".*", "_": "."}.get(part, re.escape(part[-1])) for part in parts), database)
    return plain.startswith(tuple(OWN)) and stands is not None


@given(FOREIGN)
@example("%")
@example("wa%")
@example("waent%")
def test_a_user_who_may_more_is_not_removed_with_the_installation(place: str) -> None:
    """With an empty prefix, `prefix%` would be every database."""
    rights = [{"name": "wabiz", "place": "waent"}, {"name": "wide", "place": "waweb"}, {"name": "wide", "place": place}]
    plain = re.sub(r"\\(.)", r"\1", place)
    assert own_users(["wabiz", "wide"], "", rights) == (["wabiz", "wide"] if plain in OWN else ["wabiz"])


def test_a_prefix_that_was_not_read_is_no_empty_one() -> None:
    nothing: Any = None
    for function in (model.expression, model.grants, model.created):
        with pytest.raises((TypeError, AttributeError)):
            function(nothing)


def test_how_a_site_says_it() -> None:
    assert (model.prefix_of("none"), model.prefix_of("wa_")) == ("", "wa_")
    assert (model.word_of(""), model.word_of("wa_")) == ("none", "wa_")
    assert model.described("") == "databases without a prefix (waent and waweb)"
