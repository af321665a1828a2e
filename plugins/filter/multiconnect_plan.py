# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: multiconnect_plan
short_description: What a change of the number of shards will do, and what speaks against it
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Compares the inventory with what hosts and client say, and lists the steps, what each costs, what the result
    survives, refusals and warnings.
extends_documentation_fragment:
  - wabiz.onprem.cluster_state
options:
  change:
    description:
      - What is wanted, with the keys C(wanted) (number of shards) and C(number) (country code and phone number), and
        where they are known C(certificate), C(certificate_date) and C(today) (YYYY-MM-DD), C(heartbeat) and
        C(unhealthy) (the wanted intervals, in seconds).
    type: dict
    required: true
  support:
    description: Result of M(wabiz.onprem.support_info).
    type: dict
  comparisons:
    description: RV(wabiz.onprem.containers#module:resources) of a comparison, by host.
    type: dict
"""

EXAMPLES = r"""
plan: "{{ topology | wabiz.onprem.multiconnect_plan(reports, health, {'wanted': 2, 'number': '49151123'}, shards=1) }}"
"""

RETURN = r"""
_value:
  description: The plan as data; C(text) holds it as lines of text.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils.multiconnect import Change, Cluster, intervals, plan


def multiconnect_plan(
    topology: dict[str, t.Any],
    reports: dict[str, t.Any],
    health: dict[str, t.Any],
    change: dict[str, t.Any],
    shards: int | None = None,
    support: dict[str, t.Any] | None = None,
    settings: dict[str, t.Any] | None = None,
    comparisons: dict[str, t.Any] | None = None,
) -> dict[str, t.Any]:
    """The plan as data, with its rendering."""
    found = Cluster(topology, reports, health, shards, support, **intervals(settings), comparisons=comparisons)
    return plan(found, Change(**change))


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"multiconnect_plan": multiconnect_plan}
