# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: upgrade_plan
short_description: What an upgrade will do, what it costs, and what speaks against it
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Compares the wanted version with what hosts and client say, and lists the steps in their order, with the capacity
    that is left at each, the expected time and the point of no return, refusals and warnings.
  - Works for an upgrade that was interrupted as well; what is done already is left out.
extends_documentation_fragment:
  - wabiz.onprem.cluster_state
options:
  wish:
    description:
      - What is wanted, with the keys C(version) and C(engine) (V(mysql) or V(postgresql)), and where they differ from
        their defaults C(today) (YYYY-MM-DD), C(allow_downgrade), C(allow_expired), C(gc), C(without_standby),
        C(database_backup), C(ownership_fix), C(heartbeat_interval) and C(unhealthy_interval) (seconds, for the time of
        the upgrade), C(rows_per_second), C(minimum_disk_gb) and C(hops) (further rules for jumps between versions).
    type: dict
    required: true
  support:
    description: Result of M(wabiz.onprem.support_info).
    type: dict
  stats:
    description: Result of M(wabiz.onprem.stats_info) with the database's statistics; a failed one gives the reason.
    type: dict
  comparisons:
    description: RV(wabiz.onprem.containers#module:resources) of a comparison, by host. Without it versions decide.
    type: dict
  record:
    description: What an interrupted upgrade wrote down, C(record) of its plan.
    type: dict
"""

EXAMPLES = r"""
plan: "{{ topology | wabiz.onprem.upgrade_plan(reports, health, {'version': '2.57.2', 'engine': 'mysql'}, shards=2) }}"
"""

RETURN = r"""
_value:
  description: The plan as data; C(text) holds it as lines of text.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils.multiconnect import intervals
from ansible_collections.wabiz.onprem.plugins.module_utils.upgrade import plan
from ansible_collections.wabiz.onprem.plugins.module_utils.upgrade_situation import Situation, Wish

_Given = t.Optional[dict[str, t.Any]]


def upgrade_plan(
    topology: dict[str, t.Any],
    reports: dict[str, t.Any],
    health: dict[str, t.Any],
    wish: dict[str, t.Any],
    shards: int | None = None,
    support: _Given = None,
    settings: _Given = None,
    stats: _Given = None,
    comparisons: _Given = None,
    record: _Given = None,
) -> dict[str, t.Any]:
    """The plan as data, with its rendering."""
    counted = stats or {}
    found = Situation(
        topology,
        reports,
        health,
        shards,
        support,
        **intervals(settings),
        wish=Wish.read(wish),
        messages=counted.get("messages"),
        uncounted=counted.get("msg", ""),
        comparisons=comparisons,
        record=record,
    )
    return plan(found)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"upgrade_plan": upgrade_plan}
