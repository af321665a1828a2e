# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A live cluster keeps its database."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import NO_PREFIX
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.database_login import (
    FOREIGN,
    OTHER_PASSWORD,
    WANTED,
    login,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

# How the client names the kinds of database server.
_ENGINES = {"mysql": "MYSQL", "postgresql": "PGSQL"}
_ANOTHER = "wabiz_database_password is not the container's"


def database(inventory: Inventory, host: str, report: dict[str, t.Any], rotation: bool = False) -> t.Iterator[Finding]:
    """Nodes that are given another database find it empty, and one by one leave the cluster that serves.

    A login that the server does not know stops them in the same way; C(rotation) makes it known first.
    """
    settings = inventory.variables[host]
    if settings.get("allow_database_change") and not rotation:
        return
    for container in report["containers"]:
        has = container["database"]
        if not (inventory.owns(container) and container["node"] and has):
            continue
        asked = login(settings, has)
        lines = [_other(key, value, has) for key, value in differing(settings, has).items()]
        if asked == FOREIGN:
            lines.append(_other("user", settings["database_user"], has))
        if lines:
            lines += [_ANOTHER] if asked == OTHER_PASSWORD else []
            yield Finding(
                host,
                f"container {container['name']} uses another database: {'; '.join(lines)}. "
                "A live cluster is not moved to another database implicitly.",
                "Set the old values again; or, where the database was moved, run site.yml once with "
                "wabiz_allow_database_change: true.",
            )
        elif asked != WANTED and not rotation:
            line = _ANOTHER if asked == OTHER_PASSWORD else _other("user", settings["database_user"], has)
            yield Finding(
                host,
                f"container {container['name']} uses another login of the database: {line}. "
                "Nodes that are given a login that the server does not know leave the cluster.",
                "To rotate the password run playbook rotate_database_password.yml; else set the old value again. Where "
                "the server knows the new login already, run once with wabiz_allow_database_change: true.",
            )


def differing(settings: t.Mapping[str, t.Any], has: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What is wanted, by key, where a container that C(has) a database uses another one; only what was read."""
    wanted = {key: settings.get(f"database_{key}") for key in ("host", "port", "prefix")}
    wanted["engine"] = _ENGINES.get(settings.get("database_engine", ""))
    return {key: value for key, value in wanted.items() if value is not None and _other_than(key, has[key], value)}


def _other(key: str, wanted: t.Any, has: t.Mapping[str, t.Any]) -> str:
    return f"wabiz_database_{key} is {wanted or NO_PREFIX}, the container has {has[key] or 'none'}"


def _other_than(key: str, has: t.Any, wanted: t.Any) -> bool:
    """Case matters in a prefix, which names the databases; of host names a trailing dot does not either."""
    pair = [str(value) if key == "prefix" else str(value).lower().rstrip(".") for value in (has, wanted)]
    return pair[0] != pair[1]
