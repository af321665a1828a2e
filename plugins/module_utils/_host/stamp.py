# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run noted on a host: which settings it brought about, and what the host held right afterwards."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.json_file import read_object
from ansible_collections.wabiz.onprem.plugins.module_utils._host.private_file import write_private

# By part of the host (a service, the share, the schedule): C(wanted), a digest, and C(found), fingerprints by resource.
Stamp = dict[str, dict[str, t.Any]]


def read(path: Path) -> Stamp:
    """Empty where there is none, and for whatever is no stamp: then everything is compared in full."""
    return {
        name: part
        for name, part in read_object(path).items()
        if isinstance(part, dict) and isinstance(part.get("found"), dict)
    }


def key(path: Path | None) -> bytes:
    """What the fingerprints of this host are made with: kept with the stamp, never returned, new where none is."""
    try:
        return bytes.fromhex(read_object(path)["key"]) if path else os.urandom(16)
    except (KeyError, TypeError, ValueError):
        return os.urandom(16)


def write(path: Path, stamp: Stamp, made_with: bytes) -> None:
    """Replace it as a whole. Raises OSError."""
    write_private(path, json.dumps({**stamp, "key": made_with.hex()}, sort_keys=True) + "\n")
