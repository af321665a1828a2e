# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils.container_report import (
    MASK,
    differences,
    is_secret,
    present_absent,
    scrub,
    secret_values,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("name", ["WA_DB_PASSWORD", "WA_API_KEY", "WA_WEB_JWT_CRYPTO_KEY", "WA_SECRET", "MY_TOKEN"])
def test_secret_by_name(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["WA_DB_SSL_KEY", "WA_DB_USERNAME", "KEYBOARD", "WA_DB_HOSTNAME"])
def test_not_secret(name: str) -> None:
    assert not is_secret(name)


def test_a_caller_adds_names() -> None:
    assert is_secret("HARMLESS", ["HARMLESS"])


def result(before: dict[str, Any], after: dict[str, Any], changed: bool = True) -> dict[str, Any]:
    return {"changed": changed, "diff": {"before": before, "after": after}}


def test_a_new_container_is_fresh() -> None:
    change = differences("c", result({"exists": False, "running": False}, {"exists": True, "running": True}))
    assert (change.state, change.changed, change.differences) == ("fresh", True, [])


def test_an_equal_container_is_same() -> None:
    assert differences("c", result({}, {}, changed=False)).state == "same"


def test_the_environment_is_compared_by_name_and_secrets_are_masked() -> None:
    change = differences(
        "c",
        result(
            {"env": ["A=1", "WA_API_KEY=oldoldold", "GONE=x"]},
            {"env": ["A=2", "WA_API_KEY=newnewnew", "NEW=a=b"]},
        ),
    )
    assert change.state == "changed"
    assert change.as_dict()["differences"] == [
        "env.A: 1 -> 2",
        "env.GONE: x -> (not there)",
        "env.NEW: (not there) -> a=b",
        f"env.WA_API_KEY: {MASK} (old value) -> {MASK} (new value)",
    ]


def test_a_forced_change_needs_no_difference() -> None:
    assert differences("c", result({}, {}, changed=False), force=True).state == "changed"


def test_the_diff_names_the_resource() -> None:
    diff = present_absent("network", "wabiz", True).as_diff()
    assert diff["before_header"] == "network wabiz"
    assert (diff["before"], diff["after"]) == ({"exists": False}, {"exists": True})
    gone = present_absent("network", "wabiz", True, absent=True).as_diff()
    assert (gone["before"], gone["after"]) == ({"exists": True}, {"exists": False})


def test_values_of_secrets_only() -> None:
    containers: list[dict[str, Any]] = [
        {"env": {"WA_DB_PASSWORD": "longenough", "WA_SECRET": "x", "PLAIN": "visible"}},
        {"name": "no env"},
    ]
    assert secret_values(containers) == {"longenough"}


structure = st.recursive(
    st.one_of(st.text(), st.integers(), st.none()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
)


@given(value=structure, secret=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=4))
def test_scrub_leaves_no_secret_in_any_value(value: Any, secret: str) -> None:
    def texts(item: Any) -> list[str]:
        if isinstance(item, dict):
            return [text for inner in item.values() for text in texts(inner)]
        if isinstance(item, list):
            return [text for inner in item for text in texts(inner)]
        return [item] if isinstance(item, str) else []

    cleaned = scrub({"deep": [value, f"before {secret} after"]}, {secret})
    assert not any(secret in text for text in texts(cleaned))


def test_the_longest_secret_goes_first() -> None:
    assert scrub("abcdefgh", {"abcd", "abcdefgh"}) == MASK
