# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operating system a host has."""

from __future__ import annotations

import shlex
from pathlib import Path

_FILES = ("/etc/os-release", "/usr/lib/os-release")
# By an identifier that a system or one that it is like calls itself by.
_FAMILIES = {"debian": "debian", "rhel": "redhat", "fedora": "redhat", "centos": "redhat"}


def system(files: tuple[str, ...] = _FILES) -> dict[str, str]:
    """Identifier, version and family (C(debian), C(redhat)) of the system; empty texts where it does not say."""
    said = next((found for found in map(_read, files) if found), {})
    name = said.get("ID", "")
    kin = [name, *said.get("ID_LIKE", "").split()]
    return {
        "id": name,
        "version": said.get("VERSION_ID", ""),
        "family": next((_FAMILIES[one] for one in kin if one in _FAMILIES), ""),
    }


def _read(path: str) -> dict[str, str]:
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
        words = shlex.split(text, comments=True)
    except (OSError, ValueError):
        return {}
    return {name: value for name, _equals, value in (word.partition("=") for word in words)}
