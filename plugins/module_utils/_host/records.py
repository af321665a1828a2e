# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other clusters on this host say of themselves: the record in each cluster's configuration directory."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

RECORD = "cluster.json"
# A record has a few lines; what is larger is something else.
_LARGEST = 1 << 20


def cluster_records(directories: t.Iterable[str]) -> list[dict[str, str]]:
    """The cluster (its directory's name) and the phone number of each record; empty where it is not readable."""
    found: dict[Path, dict[str, str]] = {}
    for directory in directories:
        try:
            records = sorted(Path(directory).glob(f"*/{RECORD}"))
        except OSError:
            continue
        for record in records:
            found.setdefault(record, {"cluster": record.parent.name, "number": _number(record)})
    return list(found.values())


def _number(record: Path) -> str:
    try:
        if not record.is_file() or record.stat().st_size > _LARGEST:
            return ""
        said = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    number = said.get("number") if isinstance(said, dict) else None
    return str(number) if isinstance(number, (str, int)) and not isinstance(number, bool) else ""
