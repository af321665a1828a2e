# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files with JSON, as somebody may have left them."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.json_file import dated


def test_age_and_content_of_what_exists(tmp_path: Path) -> None:
    for name, text in {"good": '{"a": 1}', "list": "[1]", "half": '{"a": ', "later": "{}"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    os.utime(tmp_path / "good", (0, time.time() - 3600))
    os.utime(tmp_path / "later", (0, time.time() + 3600))
    found = dated([str(tmp_path / name) for name in ("good", "list", "half", "later", "missing", "good/below")])
    contents = {Path(path).name: record["content"] for path, record in found.items()}
    assert contents == {"good": {"a": 1}, "list": {}, "half": {}, "later": {}}
    assert 3600 <= found[str(tmp_path / "good")]["age"] < 3700
    assert found[str(tmp_path / "later")]["age"] == 0
