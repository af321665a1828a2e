# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drill_plan
short_description: Which node a failover drill stops, and whether it may
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Chooses the node, and refuses where nobody would take over.
extends_documentation_fragment:
  - wabiz.onprem.cluster_state
options:
  target:
    description: V(coreapp), V(primary_master), a host, or host and container with a slash between them.
    type: str
    default: coreapp
"""

EXAMPLES = r"""
drill: "{{ topology | wabiz.onprem.drill_plan(reports, health, shards=2, target='core1/wabiz-coreapp-1') }}"
"""

RETURN = r"""
_value:
  description:
    - C(target) is the container with its host, node name and role, C(expected_seconds) the least and most seconds of
      the takeover, C(refusals) the reasons against it, C(text) the plan as lines of text.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils import drill
from ansible_collections.wabiz.onprem.plugins.module_utils.multiconnect import Cluster, intervals


def drill_plan(
    topology: dict[str, t.Any],
    reports: dict[str, t.Any],
    health: dict[str, t.Any],
    shards: int | None = None,
    settings: dict[str, t.Any] | None = None,
    target: str = "coreapp",
) -> dict[str, t.Any]:
    """The drill as data."""
    return drill.plan(Cluster(topology, reports, health, shards, None, **intervals(settings)), target)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"drill_plan": drill_plan}
