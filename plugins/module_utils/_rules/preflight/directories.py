# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories that must not lie within each other."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def overlaps(inventory: Inventory) -> t.Iterator[Finding]:
    """Data below the configuration, or the other way round, would make one remove or change the other."""
    for host, settings in inventory.variables.items():
        volume = str(settings.get("database_volume") or "")
        claims = {
            "wabiz_config_directory": settings.get("directory"),
            "wabiz_media_path": settings.get("media_path"),
            "wabiz_backup_path": settings.get("backups"),
            "wabiz_database_volume": volume if volume.startswith("/") else None,
        }
        paths = [(name, str(path)) for name, path in claims.items() if path]
        for position, (name, path) in enumerate(paths):
            for other, below in paths[position + 1 :]:
                if f"{below}/".startswith(f"{path}/") or f"{path}/".startswith(f"{below}/"):
                    yield Finding(host, f"{name} ({path}) and {other} ({below}) are nested.", "Choose separate paths.")
