# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which edition of the collection runs: a change of its roles or plugins may change what hosts should be."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=1)
def edition() -> str:
    """A digest of all roles and plugins."""
    found = hashlib.sha256()
    for directory in ("roles", "plugins"):
        for path in sorted((_ROOT / directory).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                found.update(f"{path.relative_to(_ROOT)}\n".encode() + path.read_bytes())
    return found.hexdigest()
