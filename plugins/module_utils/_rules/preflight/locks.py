# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs by inventories that do not agree on the host of the lock: each would hold one of its own."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.lock import held, in_force
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def elsewhere(inventory: Inventory, reports: t.Mapping[str, dict[str, t.Any]], fatal: bool) -> t.Iterator[Finding]:
    """No other run has the cluster's lock on a host that is not the first webapp's here."""
    for host, report in reports.items():
        lock = report.get("lock") or {}
        if host != inventory.keeper and in_force(lock) and not inventory.value("take_over"):
            yield Finding(
                host,
                f"the cluster is in use by {held(lock)}; that run's inventory has its lock here, this one's on "
                f"{inventory.keeper}.",
                "Wait until it ends, and run with the same inventory; or, where it is known to have ended, with "
                "wabiz_take_over: true.",
                fatal=fatal,
            )
