# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the client's API is reached, from the settings and the topology of a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
name: api_access
short_description: How the client's API is reached
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Says where the modules that use the API run and with which options, as C(wabiz_api_delegate_to),
    C(wabiz_api_endpoints), C(wabiz_api_ca_path) and the others of section API have it; without them by the webapps of
    the inventory.
positional: topology
options:
  _input:
    description: Settings of a host, as M(wabiz.onprem.settings) returns them.
    type: dict
    required: true
  topology:
    description: What M(wabiz.onprem.preflight) returned of the cluster.
    type: dict
    required: true
"""

EXAMPLES = r"""
access: "{{ settings | wabiz.onprem.api_access(topology) }}"
"""

RETURN = r"""
_value:
  description:
    - Dictionary with C(host) (where the modules run), C(become) (whether as root), C(options) (for the action group
      C(wabiz.onprem.api)), C(authority) (C(path), C(host) and C(become) of the CA certificate of the webapps
      themselves) and C(unknown) (which variables are missing for a look at the health; empty if none is).
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.access import access


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"api_access": access}
