# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Free space where a directory is, which may be a share whose server does not answer."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time


def free_space(path: str, timeout: float) -> int | None:
    """Bytes that are free for any user; None where that is not known within C(timeout) seconds."""
    try:
        found: int = in_time(lambda: room(path), timeout)
    except NoAnswer:
        return None
    return found


def room_for(path: str, timeout: float) -> int:
    """Bytes that are free where a directory is or will be; 0 where that is not known within C(timeout) seconds."""
    try:
        found: int = in_time(lambda: room(_there(path)), timeout)
    except NoAnswer:
        return 0
    return found


def _there(path: str) -> str:
    """The directory, or the nearest one above it that exists."""
    place = Path(path).absolute()
    while not place.exists():
        place = place.parent
    return str(place)


def room(path: str) -> int:
    """Bytes that are free for any user, none where no further file can be made. Raises OSError; may never return."""
    answer = os.statvfs(path)
    full = answer.f_files > 0 and answer.f_favail == 0
    return 0 if full else answer.f_bavail * answer.f_frsize
