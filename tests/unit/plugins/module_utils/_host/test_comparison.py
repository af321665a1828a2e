# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mask import MASK
from ansible_collections.wabiz.onprem.plugins.module_utils._host.comparison import (
    differences,
    present_absent,
    secret_values,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._host.scrub import scrub
from hypothesis import given
from hypothesis import strategies as st


def result(before: dict[str, Any], after: dict[str, Any], changed: bool = True) -> dict[str, Any]:
    return {"changed": changed, "diff": {"before": before, "after": after}}


def shown(before: dict[str, Any], after: dict[str, Any], *also: str) -> list[str]:
    """The lines that a user sees; the diff that Ansible prints holds the same."""
    change = differences("c", result(before, after), also)
    lines: list[str] = change.as_dict()["differences"]
    diff = change.as_diff()
    told = [f"{key}: {diff['before'][key]} -> {diff['after'][key]}" for key in diff["before"]]
    assert [line.replace("None", "(not set)") for line in told] == lines
    return lines


def test_a_new_container_is_fresh() -> None:
    change = differences("c", result({"exists": False, "running": False}, {"exists": True, "running": True}))
    assert (change.state, change.changed, change.differences) == ("fresh", True, [])


def test_an_equal_container_is_same() -> None:
    assert differences("c", result({}, {}, changed=False)).state == "same"


def test_the_environment_is_compared_by_name_and_secrets_are_masked() -> None:
    assert shown(
        {"env": ["A=1", "WA_API_KEY=oldoldold", "GONE=x", "SMTP_PASS=a"]},
        {"env": ["A=2", "WA_API_KEY=newnewnew", "NEW=a=b", "SMTP_PASS=b"]},
    ) == [
        "env.A: 1 -> 2",
        "env.GONE: x -> (not set)",
        "env.NEW: (not set) -> a=b",
        f"env.SMTP_PASS: {MASK} (old value) -> {MASK} (new value)",
        f"env.WA_API_KEY: {MASK} (old value) -> {MASK} (new value)",
    ]


def test_what_looks_like_a_secret_is_masked_within_the_value() -> None:
    assert shown(
        {"env": ["PROXY=http://u:one@proxy:3128", "SAME=http://u:one@proxy"]},
        {"env": ["PROXY=http://u:one@other:3128", "SAME=http://u:two@proxy", "NEW=http://u:two@proxy"]},
    ) == [
        f"env.NEW: (not set) -> http://u:{MASK}@proxy",
        f"env.PROXY: http://u:{MASK}@proxy:3128 -> http://u:{MASK}@other:3128",
        f"env.SAME: http://u:{MASK}@proxy (old value) -> http://u:{MASK}@proxy (new value)",
    ]


def test_secrets_outside_of_the_environment() -> None:
    before = {
        "command": ["mysqld", "--requirepass", "one"],
        "labels": {"auth": "one", "x": "1"},
        "log_options": {"splunk-token": "one"},
        "healthcheck": {"test": ["CMD", "mysqladmin", "-pone"]},
        "etc_hosts": {"h": "https://u:one@h"},
    }
    after = {
        "command": ["mysqld", "--requirepass", "two"],
        "labels": {"auth": "two", "x": "2"},
        "log_options": {"splunk-token": "two", "max-size": "1m"},
        "healthcheck": {"test": ["CMD", "mysqladmin", "-ptwo"]},
        "etc_hosts": {"h": "https://u:two@h"},
    }
    lines = shown(before, after)
    assert "one" not in str(lines)
    assert "two" not in str(lines)
    assert f"label.auth: {MASK} (old value) -> {MASK} (new value)" in lines
    assert "label.x: 1 -> 2" in lines
    assert any(line.startswith("log_options: ") and "max-size" in line for line in lines)
    assert any(line.startswith("command: ['mysqld', '--requirepass'") and "(new value)" in line for line in lines)


def test_names_that_are_given_as_secret() -> None:
    assert shown({"env": ["HARMLESS=a"]}, {"env": ["HARMLESS=b"]}, "HARMLESS") == [
        f"env.HARMLESS: {MASK} (old value) -> {MASK} (new value)"
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
        {
            "name": "wabiz-token-1",
            "image": "secret/image:v1",
            "env": {
                "WA_DB_PASSWORD": "longenough",
                "WA_SECRET": "x",
                "PLAIN": "visible",
                "AUTH": "true",
                "PIN": 123456,
            },
            "command": ["x", "--password", "another"],
            "log_options": {"splunk-token": "a-third"},
        },
        {"name": "no env", "env": None},
    ]
    assert secret_values(containers) == {"longenough", "123456", "another", "a-third"}
    assert "visible" in secret_values(containers, ["PLAIN"])


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
