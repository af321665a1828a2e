# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drill_report
short_description: Result of a failover drill, in a few lines
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Says which node was stopped, who took over, and how long the shard was unavailable.
options:
  _input:
    description: Result of M(wabiz.onprem.plan) with C(verb=failover_drill).
    type: dict
    required: true
  outage:
    description: Result of M(wabiz.onprem.outage_info).
    type: dict
    required: true
"""

EXAMPLES = r"""
report: "{{ drill | wabiz.onprem.drill_report(outage) }}"
"""

RETURN = r"""
_value:
  description: Lines of text.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.failover_drill import report


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"drill_report": report}
