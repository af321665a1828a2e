# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What site.yml is going to look into, and why. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts

COLUMNS = ("host", "what", "why")
NOTHING = "Nothing to do: every host is as the last run left it, and as the inventory wants it."


def plan(facts: Facts) -> dict[str, t.Any]:
    """A step for each part of a host that differs; the run compares it in full and brings it to what is wanted."""
    steps = [
        {"host": host, "what": part, "why": reason}
        for host, named in facts.due.items()
        for part, reason in named.items()
    ]
    return {"steps": steps, "text": table.render(COLUMNS, steps) if steps else [NOTHING]}
