# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the host that runs a module."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import Refusal


def read_text(path: Path) -> str:
    """Return what a file holds that the user named. Raises Refusal."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(
            f"{path} cannot be read: {error}", remedy="Give a file on the host that runs the module."
        ) from error
