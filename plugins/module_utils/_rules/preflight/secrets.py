# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of a live cluster that are replaced one node after another."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.node_secrets import differing

_EFFECTS = {
    "api_key": "the health cannot be asked of webapps that have the old one",
    "jwt_key": "a token of one webapp is refused by another one meanwhile",
    "secret": "webapps and coreapps do not understand each other meanwhile",
}


def secrets(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Allowed, and unwise: the cluster does not serve as usual until the last node is replaced."""
    settings = inventory.variables[host]
    ours = [one for one in report["containers"] if inventory.owns(one) and one["node"] and one["running"]]
    for name in dict.fromkeys(name for one in ours for name in differing(settings, one)):
        yield Finding(
            host,
            f"nodes have another wabiz_{name} than the inventory, and {_EFFECTS[name]}.",
            "To rotate it run playbook rotate_secrets.yml.",
            fatal=False,
        )
