# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is mounted where, from the kernel's own table, which answers also where a share does not."""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time

# By mount point C(fstype), C(source) and C(device), the number by which the kernel knows the file system.
Table = dict[str, dict[str, str]]


def mount_table(process: int | str = "self") -> Table:
    """What a process sees mounted; of several mounts at one place the one on top. Raises OSError."""
    lines = Path("/proc", str(process), "mountinfo").read_bytes().split(b"\n")
    return dict(_entry(line) for line in lines if line)


def _entry(line: bytes) -> tuple[str, dict[str, str]]:
    """The kernel writes a space as C(\\040), and letters as they are."""
    left, _separator, right = line.partition(b" - ")
    fields = [*left.split(b" ")[2:5:2], *right.split(b" ")[:2]]
    device, place, fstype, source = (
        re.sub(rb"\\([0-3][0-7]{2})", lambda octal: bytes([int(octal[1], 8)]), field).decode("utf-8", "surrogateescape")
        for field in fields
    )
    return place, {"fstype": fstype, "source": source, "device": device}


def covering(table: Table, path: str) -> dict[str, str]:
    """The mount that a path is in, with its C(point); empty where the table has none."""
    above = [point for point in table if f"{path}/".startswith(f"{point.rstrip('/')}/")]
    point = max(above, key=len, default="")
    return _printable({"point": point, **table[point]}) if above else {}


def links(table: Table, paths: t.Iterable[str], limit: float) -> dict[str, str]:
    """Where paths lead that go through a link. What is in the table does not: the kernel knows no links."""
    places = {path: os.path.normpath(path) for path in paths}
    real = {path: _real(place, limit) for path, place in places.items() if place not in table}
    return {path: place for path, place in real.items() if place != places[path]}


def _real(place: str, limit: float) -> str:
    try:
        return t.cast(str, in_time(lambda: os.path.realpath(place), limit))
    except NoAnswer:
        return place


def mounted_in(process: int, place: str) -> dict[str, str]:
    """What a process has mounted right at a place; empty where it has nothing there, or cannot be asked."""
    try:
        return _printable(mount_table(process).get(place) or {})
    except (OSError, ValueError):
        return {}


def _printable(entry: dict[str, str]) -> dict[str, str]:
    """Bytes that are no UTF-8 would break the answer of a module."""
    return {key: value.encode("utf-8", "backslashreplace").decode() for key, value in entry.items()}
