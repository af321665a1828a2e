# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the controller keeps what it only passes on: one directory for each cluster, which the next run finds again."""

from __future__ import annotations

import shutil
from pathlib import Path

from ansible import constants


def workplace(cluster: str) -> Path:
    """The directory, which need not exist. Ansible's own for this process would be lost to a run after this one."""
    return Path(constants.DEFAULT_LOCAL_TMP).parent / f"wabiz-{cluster}-images"


def made(cluster: str) -> Path:
    """The directory, made so that no other user sees what is in it. Raises OSError."""
    path = workplace(cluster)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def removed(cluster: str) -> bool:
    """Remove the directory with all that is in it; whether there was one. Raises OSError."""
    path = workplace(cluster)
    there = path.is_dir()
    if there:
        shutil.rmtree(path)
    return there
