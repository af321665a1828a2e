# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: registry_remedy
short_description: What to do where a registry gives no image
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - A sentence for the operator of a cluster, that names the registry, its user and the variables that matter.
options:
  _input:
    description: RV(wabiz.onprem.containers#module:cause), or that of M(wabiz.onprem.registry_login).
    type: str
    required: true
  registry:
    description: Name of the registry.
    type: str
    required: true
  user:
    description: The user whose login was given; none where the host's own counts.
    type: str
"""

EXAMPLES = r"""
message: "{{ pull.msg }} {{ pull.cause | wabiz.onprem.registry_remedy('registry.example.net', 'deploy') }}"
"""

RETURN = r"""
_value:
  description: The sentence; empty where the cause is not known.
  type: str
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.inventory_faults import registry_remedy


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"registry_remedy": registry_remedy}
