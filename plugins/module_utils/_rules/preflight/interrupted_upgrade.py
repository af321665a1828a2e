# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an upgrade leaves whose controller was lost: its container goes on changing the schema, its record stays."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

Reports = t.Mapping[str, t.Mapping[str, t.Any]]


def migrating(cluster: str, reports: Reports, awaited: tuple[str, str] | None = None) -> t.Iterator[Finding]:
    """Containers of the cluster that are upgrading the schema, but for the one that the run awaits (host, version)."""
    for host, report in reports.items():
        for one in report.get("containers") or []:
            ours = one["cluster"] == cluster and one.get("client") == "dbupgrade"
            if ours and one["running"] and (host, one["version"]) != awaited:
                wait = f"Wait until it ends (docker logs --follow {one['name']})"
                again = f"run upgrade.yml with wabiz_version: {one['version']}, which waits for it and continues"
                yield Finding(
                    host,
                    f"container {one['name']} is upgrading the schema of the databases to version {one['version']}; "
                    "it goes on after the run that started it has ended.",
                    # The upgrade looks for it on another host.
                    f"{wait}." if awaited and one["version"] == awaited[1] else f"{wait}, or {again} the upgrade.",
                )


def unfinished(inventory: Inventory, reports: Reports) -> t.Iterator[Finding]:
    """An upgrade that was begun; that nodes of two versions are there is refused elsewhere."""
    for host, report in reports.items():
        path = inventory.unfinished(host).get("upgrade", "")
        if (report.get("files") or {}).get(path):
            yield Finding(
                host,
                "an upgrade was started and not finished, and this run does not finish it.",
                f"Run upgrade.yml with the version of that upgrade ({path} says which).",
                fatal=False,
            )
