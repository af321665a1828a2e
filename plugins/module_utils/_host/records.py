# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other clusters on this host say of themselves: the record in each cluster's configuration directory."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.json_file import read_object

RECORD = "cluster.json"


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
    number = read_object(record).get("number")
    return str(number) if isinstance(number, (str, int)) and not isinstance(number, bool) else ""
