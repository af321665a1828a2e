# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A live cluster keeps its database."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.fingerprint import matches
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

# How the client names the kinds of database server.
_ENGINES = {"mysql": "MYSQL", "postgresql": "PGSQL"}


def database(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Nodes that are given another database find it empty, and one by one leave the cluster that serves."""
    settings = inventory.variables[host]
    if settings.get("allow_database_change"):
        return
    wanted = {key: settings.get(f"database_{key}") for key in ("host", "port", "user", "prefix")}
    wanted["engine"] = _ENGINES.get(settings.get("database_engine", ""))
    for container in report["containers"]:
        has = container["database"]
        if not (inventory.owns(container) and container["node"] and has):
            continue
        differing = [key for key, value in wanted.items() if value is not None and _plain(has[key]) != _plain(value)]
        lines = [f"wabiz_database_{key} is {wanted[key]}, the container has {has[key] or 'none'}" for key in differing]
        password = settings.get("database_password")
        if password is not None and not matches(password, has["password_digest"]):
            lines.append("wabiz_database_password is not the container's")
        if lines:
            yield Finding(
                host,
                f"container {container['name']} uses another database: {'; '.join(lines)}. "
                "A live cluster is not moved to another database implicitly.",
                "Set the old values again; or, where the database was moved or its password changed on the server, "
                "run once with wabiz_allow_database_change: true.",
            )


def _plain(value: t.Any) -> str:
    """A value for comparison; of host names case and a trailing dot do not matter."""
    return str(value).lower().rstrip(".")
