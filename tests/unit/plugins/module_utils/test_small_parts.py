# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords, backups, statistics and private files."""

from __future__ import annotations

import datetime as dt
import json
import string
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils import backup, passwords, private_file, stats
from ansible_collections.wabiz.onprem.plugins.module_utils.errors import Refusal
from hypothesis import given
from hypothesis import strategies as st

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@given(st.text(string.printable, min_size=4, max_size=60))
def test_a_password_with_all_kinds_of_characters_is_good(rest: str) -> None:
    assert passwords.password_faults(f"{rest}aA1!") == []


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("Ab1!567", "8 to 64 characters"),
        ("Ab1!" * 16 + "x", "8 to 64 characters"),
        ("Abcdefg!", "a digit"),
        ("abcdefg1!", "an upper-case letter"),
        ("ABCDEFG1!", "a lower-case letter"),
        ("Abcdefg1", "a special character"),
    ],
)
def test_what_a_password_lacks_is_named_without_naming_it(password: str, fault: str) -> None:
    with pytest.raises(Refusal) as caught:
        passwords.check_password(password)
    assert fault in str(caught.value)
    assert password not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Canary\n", "ends with a line break"),
        ("Canary\r\n", "ends with a line break"),
        ("Can\nary", "control character"),
        ("Can\x00ary", "control character"),
        ("Can\udcffary", "UTF-8"),
        ("Canäry", "header"),
        (" Canary", "header"),
        ("Canary ", "header"),
    ],
)
def test_a_secret_that_cannot_be_meant_is_refused_without_naming_it(value: str, words: str) -> None:
    with pytest.raises(Refusal) as caught:
        passwords.check_secret("api_key", value, header=True)
    assert "api_key" in str(caught.value)
    assert words in str(caught.value)
    assert "Can" not in str(caught.value)


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cc", "Cs"])))
def test_a_password_of_one_line_is_not_refused(value: str) -> None:
    passwords.check_secret("password", value)


@given(st.text(string.ascii_letters + string.digits + string.punctuation, min_size=1))
def test_an_ordinary_key_is_not_refused(value: str) -> None:
    passwords.check_secret("api_key", value, header=True)


@pytest.mark.parametrize(("name", "good"), [("abcd", True), ("abc", False), ("a" * 33, False), ("ab:cd", False)])
def test_user_names(name: str, good: bool) -> None:
    if good:
        passwords.check_username(name)
    else:
        with pytest.raises(Refusal):
            passwords.check_username(name)


@given(st.text(string.ascii_letters + string.digits + "+/=", min_size=1), st.none() | st.integers(1, 32), st.booleans())
def test_a_backup_survives_the_file(data: str, shards: int | None, single: bool) -> None:
    made = backup.Backup(data, shards, single, "2.57.2", NOW.isoformat())
    assert backup.parse(made.text()) == made


def test_the_data_of_a_backup_do_not_appear_in_a_log() -> None:
    assert "Canary" not in repr(backup.Backup("Canary"))


@given(st.text(max_size=40))
def test_any_text_is_a_backup_or_refused(text: str) -> None:
    try:
        assert backup.parse(text).data
    except Refusal as refused:
        assert "not a settings backup" in str(refused)


@pytest.mark.parametrize(
    ("made", "shards", "single", "faults"),
    [
        (backup.Backup("x", 2, False), 2, False, 0),
        (backup.Backup("x", 2, False), 1, False, 1),
        (backup.Backup("x", 1, True), 1, False, 1),
        (backup.Backup("x", 2, True), 1, False, 2),
        (backup.Backup("x"), 2, False, 0),
        (backup.Backup("x", 2, False), None, False, 0),
    ],
)
def test_what_a_backup_fits(made: backup.Backup, shards: int | None, single: bool, faults: int) -> None:
    assert len(backup.restore_faults(made, shards, single)) == faults


def metric(*values: Any) -> dict[str, Any]:
    """Return a metric with these values."""
    return {"db_messages": {"data": [{"labels": {}, "value": value} for value in values]}}


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (metric(1, 2), 3),
        ({"a:1": {}, "b:1": metric(1, 2)}, 3),
        ({"a:1": metric(1), "b:1": metric(2)}, 3),
        ({"a:1": {}}, None),
        (metric(), None),
        (metric("many"), None),
        (None, None),
        ([], None),
        ({}, None),
        (metric(0), 0),
    ],
)
def test_totals(section: Any, expected: int | None) -> None:
    assert stats.total(section, "db_messages") == expected


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20))
def test_any_moment_is_read_or_ignored(value: Any) -> None:
    moment = stats.moment(value)
    assert moment is None or moment.utcoffset() == dt.timedelta()


def test_the_first_expiry_counts() -> None:
    support = {"a:1": {"expire_timestamp": 2_000_000_000}, "b:1": {"expire_timestamp": "1900000000"}, "c:1": {}}
    assert stats.earliest_expiry(support) == dt.datetime.fromtimestamp(1_900_000_000, dt.UTC)


@pytest.mark.parametrize(
    ("support", "days"),
    [
        ({"e2e": {"identity_timestamp": NOW.timestamp() - 86400}, "schema": {}, "context": "x"}, 1.0),
        ({"a:1": {"e2e": {"identity_timestamp": str(int(NOW.timestamp()) - 864000)}}, "b:1": {}}, 10.0),
        ({"a:1": {"e2e": None}}, None),
        (None, None),
        ({}, None),
    ],
)
def test_the_age_of_a_registration(support: Any, days: float | None) -> None:
    assert stats.registration_age_days(support, NOW) == days


def test_a_private_file_replaces_a_readable_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o666)
    assert private_file.readable_by_others(path)
    private_file.write_private(path, json.dumps({"a": "ü"}))
    assert json.loads(path.read_text()) == {"a": "ü"}
    assert not private_file.readable_by_others(path)


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(OSError, match="folder"):
        private_file.write_private(path, "x")
    assert [item.name for item in tmp_path.iterdir()] == ["folder"]
