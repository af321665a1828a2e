# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What site.yml is going to compare in full, and why. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans import survival, table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts

COLUMNS = ("host", "part", "reason")
NOTHING = "Nothing to do: no host has changed since the last run or differs from the inventory."


def plan(facts: Facts) -> dict[str, t.Any]:
    """A step for each part of a host that differs; the run compares it in full and brings it to what is wanted."""
    steps = [
        {"host": host, "what": part, "why": reason}
        for host, named in facts.due.items()
        for part, reason in named.items()
    ]
    rows = [{"host": step["host"], "part": step["what"], "reason": step["why"]} for step in steps]
    found = survival.survival(facts.topology.get("nodes") or (), facts.shards or facts.setting("shards") or 1)
    afterwards = ["", *(f"Afterwards: {line}." for line in survival.lines(found))]
    return {**found, "steps": steps, "text": [*table.render(COLUMNS, rows), *afterwards] if rows else [NOTHING]}
