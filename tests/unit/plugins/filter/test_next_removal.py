# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook is told of the next removal: whether it is allowed, what it costs, or why not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.filter.next_removal import next_removal


def node(name: str, status: str) -> dict[str, Any]:
    errors = [{"code": 1014}] if status == "error" else []
    return {"container_id": name, "role": "coreapp", "gateway_status": status, "errors": errors}


@pytest.mark.parametrize(
    ("statuses", "shards", "chosen", "allowed", "away"),
    [
        ({"a": "connected", "b": "disconnected"}, 1, "b", True, 0),
        ({"a": "connected", "b": "connected", "c": "connected"}, 2, "a", True, 1),
        ({"a": "connected", "b": "connected"}, 2, "a", False, 0),
        ({"a": "connected", "b": "error"}, 1, "b", True, 0),
    ],
)
def test_what_the_next_removal_costs(
    statuses: dict[str, str], shards: int, chosen: str, allowed: bool, away: int
) -> None:
    surplus = [{"host": f"host-{name}", "name": f"wabiz-coreapp-{name}", "id": name} for name in statuses]
    found = next_removal(surplus, [node(name, status) for name, status in statuses.items()], shards)
    assert (found["id"], found["host"]) == (chosen, f"host-{chosen}")
    assert (found["allowed"], found["shards_away"], bool(found["reason"])) == (allowed, away, not allowed)
