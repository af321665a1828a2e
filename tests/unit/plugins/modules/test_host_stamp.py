# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run notes on a host, and what the next one reads of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import stamp
from ansible_collections.wabiz.onprem.plugins.modules import host_stamp

from tests.unit.plugins.in_process import execute


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "converged.json"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "wabiz-wabiz"
    made.write_text("canary: secret")
    return made


def note(path: Path, parts: dict[str, list[str]], wanted: Any = None, check: bool = False) -> dict[str, Any]:
    socket = str(path.with_name("none.sock"))
    asked = dict.fromkeys(parts, "5d41") if wanted is None else wanted
    options = {"path": str(path), "parts": parts, "wanted": asked, "socket": socket}
    return execute("host_stamp", options, check=check)


def looked(path: Path, parts: dict[str, list[str]]) -> dict[str, Any]:
    return execute("host_info", {"socket": str(path.with_name("none.sock")), "parts": parts, "stamp": str(path)})


def test_the_next_look_finds_what_was_noted(path: Path, file: Path) -> None:
    parts = {"log_cleanup": [f"file {file}"], "media": ["mount /nowhere"]}
    made = note(path, parts)
    seen = looked(path, parts)
    assert made["changed"] and made["stamp"] == seen["stamp"] == stamp.read(path)
    assert {part: noted["found"] for part, noted in seen["stamp"].items()} == seen["fingerprints"]
    assert seen["fingerprints"]["media"] == {"mount /nowhere": "absent"}
    assert {noted["wanted"] for noted in seen["stamp"].values()} == {"5d41"}
    assert "canary" not in path.read_text()


def test_fingerprints_of_two_hosts_are_not_alike(path: Path, file: Path, tmp_path: Path) -> None:
    """Each has a key of its own, which no result holds: without it no one can try out what a file may hold."""
    parts = {"log_cleanup": [f"file {file}"]}
    (tmp_path / "other").mkdir()
    made, other = note(path, parts), note(tmp_path / "other" / path.name, parts)
    assert made["stamp"] != other["stamp"]
    assert "key" not in made["stamp"] and stamp.key(path).hex() in path.read_text()


def test_a_second_note_changes_nothing(path: Path, file: Path) -> None:
    parts = {"log_cleanup": [f"file {file}"]}
    note(path, parts)
    before = path.stat().st_mtime_ns
    assert not note(path, parts)["changed"]
    assert path.stat().st_mtime_ns == before
    file.write_text("other")
    assert note(path, parts)["changed"]


def test_check_mode_writes_nothing_and_says_what_it_would(path: Path, file: Path) -> None:
    parts = {"log_cleanup": [f"file {file}"]}
    predicted = note(path, parts, check=True)
    assert predicted["changed"] and not path.exists()
    note(path, parts)
    file.write_text("other")
    before = stamp.read(path)
    predicted = note(path, parts, check=True)
    assert predicted["changed"] and stamp.read(path) == before
    assert note(path, parts)["stamp"] == predicted["stamp"]


def test_parts_that_are_not_named_keep_their_note(path: Path, file: Path) -> None:
    note(path, {"log_cleanup": [f"file {file}"], "media": ["mount /nowhere"]})
    before = stamp.read(path)
    file.write_text("other")
    after = note(path, {"media": ["mount /nowhere"]}, {"media": "6e52"})["stamp"]
    assert after == {**before, "media": {**before["media"], "wanted": "6e52"}}


def test_a_part_that_cannot_be_inspected_is_forgotten(path: Path, file: Path) -> None:
    note(path, {"webapp": [f"file {file}"], "media": ["mount /nowhere"]})
    # No engine answers.
    after = note(path, {"webapp": [f"file {file}", "container wabiz-webapp-1"]})
    assert after["changed"] and list(after["stamp"]) == ["media"]


def test_what_is_wanted_of_each_part_must_be_said(path: Path) -> None:
    found = note(path, {"media": [], "webapp": [], "master": []}, {"media": "5d41", "database": "x"})
    assert found["failed"] and found["msg"] == "wanted has no value for master, webapp."
    assert not path.exists()


def test_a_directory_that_is_missing_is_the_reason(tmp_path: Path) -> None:
    found = note(tmp_path / "none" / "converged.json", {"media": []})
    assert found["failed"] and "cannot be written" in found["msg"]


def test_a_note_that_is_broken_is_replaced(path: Path) -> None:
    path.write_text("{")
    assert note(path, {"media": []})["changed"]
    assert stamp.read(path) == {"media": {"wanted": "5d41", "found": {}}}


def test_nothing_is_invented() -> None:
    before = {"a": {"wanted": "1", "found": {}}}
    assert host_stamp.renewed(before, {}, {"b": "2"}) == before


def test_a_look_that_asks_for_no_part_has_none(path: Path) -> None:
    seen = execute("host_info", {"socket": str(path.with_name("none.sock"))})
    assert (seen["fingerprints"], seen["stamp"]) == ({}, {})
    assert looked(path, {"media": []})["fingerprints"] == {"media": {}}
