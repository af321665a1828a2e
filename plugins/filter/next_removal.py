# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: next_removal
short_description: Which surplus container is removed next
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Chooses the one whose removal costs least, by the health of this moment. Coreapps go first, then masters, the
    primary one last, then webapps.
  - A connected coreapp is removed only when no standby is left among the surplus, and none that would leave fewer
    healthy coreapps than shards. The last master that answers is not removed.
options:
  _input:
    description:
      - The surplus containers, each with C(host), C(name), C(id), and C(service), which is V(coreapp) where it is not
        given.
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

from ansible_collections.wabiz.onprem.plugins.module_utils._rules import removal


def next_removal(surplus: list[dict[str, t.Any]], nodes: list[dict[str, t.Any]], shards: int) -> dict[str, t.Any]:
    """The container to be removed now."""
    named = [{"service": "coreapp", **item} for item in surplus]
    chosen, objection, away = removal.next_removal(named, nodes, shards)
    return {
        **chosen,
        "allowed": objection is None,
        "shards_away": int(away),
        "reason": objection.reason if objection else "",
    }


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"next_removal": next_removal}
