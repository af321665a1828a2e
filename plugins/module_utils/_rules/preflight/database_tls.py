# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS to the database: what is given goes together, and the files are on the hosts."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

_PAIRS = (
    ("database_tls_certificate", "database_tls_key"),
    ("database_tls_server_certificate", "database_tls_server_key"),
)


def database_tls(inventory: Inventory) -> t.Iterator[Finding]:
    """A certificate has its key, and a CA by which the other side can verify it."""
    for host, settings in inventory.variables.items():
        for pair in _PAIRS:
            missing = [key for key in pair if not settings.get(key)]
            if len(missing) == 1:
                problem = "is not set, but its counterpart is."
                yield Finding(host, problem, "Set both or none.", variable=f"wabiz_{missing[0]}")
    # Role database makes a CA for a server with a certificate of its own making.
    given = any(settings.get("database_tls_server_certificate") for settings in inventory.variables.values())
    makes = bool(inventory.groups.get("database")) and not given
    if inventory.value("database_tls") and not inventory.value("database_tls_ca") and not makes:
        yield Finding(
            "variable wabiz_database_tls_ca",
            "is not set, and by nothing else the client can verify the database server.",
            "Set it to the file of the CA on the hosts, or set wabiz_database_tls: false.",
        )


def tls_files(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Docker makes a directory of a file that is to be mounted and is not there."""
    for key, path in inventory.tls_files(host).items():
        if report["files"].get(path) is False:
            yield Finding(host, f"is {path}, which is not on the host.", "Put it there.", variable=f"wabiz_{key}")
