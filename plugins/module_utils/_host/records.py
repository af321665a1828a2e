# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other clusters on this host say of themselves: the record in each cluster's configuration directory."""

from __future__ import annotations

import contextlib
import typing as t
from functools import partial
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time
from ansible_collections.wabiz.onprem.plugins.module_utils._host.json_file import read_object

RECORD = "cluster.json"


def cluster_records(directories: t.Iterable[str], limit: float) -> list[dict[str, str]]:
    """The cluster (its directory's name) and the phone number of each record; empty where it is not readable.

    A directory that cannot be read, or not within C(limit) seconds, has none.
    """
    found: dict[str, dict[str, str]] = {}
    for directory in directories:
        with contextlib.suppress(NoAnswer):
            found.update(in_time(partial(_records, directory), limit))
    return list(found.values())


def _records(directory: str) -> dict[str, dict[str, str]]:
    records = sorted(Path(directory).glob(f"*/{RECORD}"))
    return {str(record): {"cluster": record.parent.name, "number": _number(record)} for record in records}


def _number(record: Path) -> str:
    number = read_object(record).get("number")
    return str(number) if isinstance(number, (str, int)) and not isinstance(number, bool) else ""
