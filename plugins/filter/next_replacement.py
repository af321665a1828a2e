# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: next_replacement
short_description: Which changed container of a service is replaced next
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Chooses by the health of this moment the one whose replacement costs least, and says whether it may go now.
  - Masters follow as those that do not answer, secondaries, the primary; coreapps as those that serve no shard,
    standbys, connected ones; webapps in the order of the inventory.
  - A connected coreapp goes only while every other shard is served and a standby waits that need not be replaced any
    more, unless there are no more coreapps than shards.
options:
  _input:
    description:
      - The containers to be replaced, all of one service, each with C(host), C(name), C(service) and C(id), the id of
        the container that runs now (empty where none does).
    type: list
    elements: dict
    required: true
  nodes:
    description: RV(wabiz.onprem.health_info#module:nodes) of this moment; looked at for masters and coreapps.
    type: list
    elements: dict
    required: true
  shards:
    description: The number of shards; 0 while no number is registered.
    type: int
    required: true
  done:
    description:
      - All other containers of the service, each with C(host), C(name) and C(id). Those of O(_input) that are named
        here are left out.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
next: "{{ changed | wabiz.onprem.next_replacement(health.nodes, 2, done) }}"
"""

RETURN = r"""
_value:
  description:
    - The container, with its C(role), whether it is C(connected), whether it is C(allowed) now, whether to C(wait) for
      that, the C(reason) (why not, or what it costs), C(shards_away) and the number of containers that are C(left).
    - With C(left) at 0 nothing is to be done any more.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils.replacement import next_replacement


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"next_replacement": next_replacement}
