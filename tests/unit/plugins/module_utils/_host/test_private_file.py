# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that only their owner may read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import private_file


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
