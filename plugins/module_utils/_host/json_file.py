# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files with JSON, which may have been changed by hand."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

# Ours have a few lines; what is larger is something else.
_LARGEST = 1 << 20


def read_object(path: Path) -> dict[str, t.Any]:
    """What a file holds; empty where it does not hold an object, cannot be read, or is not there."""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return {}
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def dated(paths: t.Sequence[str]) -> dict[str, dict[str, t.Any]]:
    """Age in seconds, and the JSON object in it, of each file that exists."""
    found: dict[str, dict[str, t.Any]] = {}
    for path in paths:
        try:
            age = time.time() - Path(path).stat().st_mtime
        except OSError:
            continue
        found[path] = {"age": max(int(age), 0), "content": read_object(Path(path))}
    return found
