# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: lease
short_description: For how long the cluster's lock is renewed before a step
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Seconds that cover all that the step may wait for by the settings, and half an hour for what has no time-out.
options:
  _input:
    description: Settings of the module M(wabiz.onprem.settings).
    type: dict
    required: true
  topology:
    description: What stage C(topology) of the module M(wabiz.onprem.preflight) returns.
    type: dict
    required: true
  step:
    description: The step that follows. An unknown one is an error.
    type: str
    required: true
  gate:
    description: Seconds that each gate of the step waits, where that is more than C(wabiz_verify_timeout).
    type: int
    default: 0
"""

EXAMPLES = r"""
lease: "{{ _wabiz | wabiz.onprem.lease(_wabiz_topology, 'shards') }}"
"""

RETURN = r"""
_value:
  description: Seconds.
  type: int
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules import lease as rules


def lease(settings: dict[str, t.Any], topology: dict[str, t.Any], step: str, gate: int = 0) -> int:
    """Seconds for a step."""
    return rules.lease(step, settings, topology, int(gate))


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"lease": lease}
