# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: upgrade_report
short_description: Result of an upgrade, node by node
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Compares the plan with what the hosts say afterwards, and adds up times, shards without service and requests.
options:
  _input:
    description: Result of M(wabiz.onprem.plan) with C(verb=upgrade) from before this run.
    type: dict
    required: true
  reports:
    description: Results of M(wabiz.onprem.host_info) after the upgrade, by host.
    type: dict
    required: true
  events:
    description:
      - The replacements, each with C(host), C(name) and C(seconds), and where a shard moved C(outage_seconds) (its time
        without service) and, if it is known, C(shard).
    type: list
    elements: dict
    required: true
  seconds:
    description: How long the run took.
    type: float
    required: true
  balancer_before:
    description: HAProxy's answer to C(show stat) before the upgrade, by balancer.
    type: dict
  balancer_after:
    description: The same after it.
    type: dict
  migration_seconds:
    description: How long the migration of the schema took.
    type: float
  ownership:
    description: C(ownership) of the plan, once that was started in the background.
    type: dict
"""

EXAMPLES = r"""
report: "{{ plan | wabiz.onprem.upgrade_report(reports, events, 412.5) }}"
"""

RETURN = r"""
_value:
  description: The report as data; C(text) holds it as lines of text.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.report import report


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"upgrade_report": report}
