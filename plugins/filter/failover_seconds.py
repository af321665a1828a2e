# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: failover_seconds
short_description: How long the shard of a failed coreapp is unavailable
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Least and most seconds until the shard of a coreapp that fails is given to another, by the application settings.
options:
  _input:
    description: The application settings, of which C(heartbeat_interval) and C(unhealthy_interval) matter.
    type: dict
    required: true
  masters:
    description: Number of masters; a single one finds failures through the database only.
    type: int
    required: true
"""

EXAMPLES = r"""
seconds: "{{ settings | wabiz.onprem.failover_seconds(masters=2) }}"
"""

RETURN = r"""
_value:
  description: Least and most seconds.
  type: list
  elements: int
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.heartbeat import intervals
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.capacity import failover_seconds


def seconds(settings: dict[str, t.Any], masters: int) -> list[int]:
    """Least and most seconds."""
    return list(failover_seconds(masters, **intervals(settings)))


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"failover_seconds": seconds}
