# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: next_removal
short_description: Which surplus coreapp is removed next
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Chooses the one whose removal costs least, by the health of this moment. A connected one is removed only when no
    standby is left among the surplus, and none that would leave fewer healthy coreapps than shards.
options:
  _input:
    description: The surplus containers, each with C(host), C(name) and C(id).
    type: list
    elements: dict
    required: true
  nodes:
    description: RV(wabiz.onprem.health_info#module:nodes) of this moment.
    type: list
    elements: dict
    required: true
  shards:
    description: The number of shards.
    type: int
    required: true
"""

EXAMPLES = r"""
next: "{{ plan.surplus | wabiz.onprem.next_removal(health.nodes, 2) }}"
"""

RETURN = r"""
_value:
  description: The container, with C(allowed), C(shards_away) and the C(reason) where it is not allowed.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity


def next_removal(surplus: list[dict[str, t.Any]], nodes: list[dict[str, t.Any]], shards: int) -> dict[str, t.Any]:
    """The container to be removed now."""
    by_id = {item["id"]: item for item in surplus}
    chosen, objection = capacity.next_removal(capacity.coreapps(nodes), list(by_id), shards)
    return {
        **by_id[chosen.name],
        "allowed": objection is None,
        "shards_away": int(objection is None and chosen.serves),
        "reason": objection.reason if objection else "",
    }


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"next_removal": next_removal}
