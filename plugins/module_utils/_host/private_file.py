# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that only their owner may read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_private(path: Path, content: str) -> None:
    """Write C(content) to C(path) with mode 0600, as a whole or not at all. Raises OSError."""
    # mkstemp makes the file with mode 0600.
    handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.resolve().parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def readable_by_others(path: Path) -> bool:
    """Tell whether any user but the owner may read or write the file. Raises OSError."""
    return bool(path.stat().st_mode & 0o077)
