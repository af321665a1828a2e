# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: unheld_ports
short_description: Ports of a host's nodes that nothing holds
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - On these ports something has to listen while other hosts look whether they reach them.
options:
  _input:
    description: Who runs what, as M(wabiz.onprem.preflight) returns it.
    type: dict
    required: true
  host:
    description: Name of the host in the inventory.
    type: str
    required: true
  survey:
    description: What M(wabiz.onprem.survey) found on it.
    type: dict
    required: true
  waiting:
    description: Name of the container that is going to publish them. One that is there already holds nothing.
    type: str
    required: true
"""

EXAMPLES = r"""
ports: "{{ topology | wabiz.onprem.unheld_ports('core1', survey, 'wabiz-look') }}"
"""

RETURN = r"""
_value:
  description: Pairs of a port of the host and the port of the container that it leads to.
  type: list
  elements: list
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.reachability import unheld_ports


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"unheld_ports": unheld_ports}
