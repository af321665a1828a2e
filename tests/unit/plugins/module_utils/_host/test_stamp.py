# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The note of the last run: whatever is no such note is as good as none."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import stamp

NAME = "converged.json"
NOTE: stamp.Stamp = {"webapp": {"wanted": "5d41", "found": {"file /etc/fstab": "ab12"}}}


def test_what_was_written_is_read_and_by_no_other_user(tmp_path: Path) -> None:
    path = tmp_path / NAME
    stamp.write(path, NOTE, b"key")
    assert stamp.read(path) == NOTE
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == [NAME]


def test_no_file_and_a_directory_are_no_note(tmp_path: Path) -> None:
    assert stamp.read(tmp_path / "none") == stamp.read(tmp_path) == stamp.read(tmp_path / "none" / "none") == {}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"text"', b"7", b"\xff\xfe", b"[" * 100_000, b" " * (1 << 21)])
def test_what_is_no_note_is_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    assert stamp.read(path) == {}


def test_a_part_of_another_form_is_omitted(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text('{"a": 1, "b": {"wanted": "x"}, "c": {"found": []}, "d": {"found": {}}}')
    assert stamp.read(path) == {"d": {"found": {}}}


def test_a_directory_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        stamp.write(tmp_path / "none" / NAME, NOTE, b"key")
