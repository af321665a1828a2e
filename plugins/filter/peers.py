# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: peers
short_description: What the nodes of a host have to reach
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - The ports of all nodes on other hosts, and of those on this one if it runs several; and the database server, where
    the cluster runs it.
options:
  _input:
    description: Who runs what, as M(wabiz.onprem.preflight) returns it.
    type: dict
    required: true
  host:
    description: Name of the host in the inventory.
    type: str
    required: true
  listening:
    description: By host, the ports on which M(wabiz.onprem.port_listener) answers with the host's name.
    type: dict
    required: true
"""

EXAMPLES = r"""
peers: "{{ topology | wabiz.onprem.peers('core1', {'core2': [6250, 6251, 6252, 6253]}) }}"
"""

RETURN = r"""
_value:
  description: The peers, as M(wabiz.onprem.reachability_info) takes them.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.reachability import peers


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"peers": peers}
