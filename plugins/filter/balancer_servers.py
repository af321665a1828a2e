# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: balancer_servers
short_description: State of the webapps at HAProxy
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Reads the answer of HAProxy's runtime command C(show stat) for the backend of role loadbalancer.
options:
  _input:
    description: The answer, as CSV text.
    type: str
    required: true
"""

EXAMPLES = r"""
drained: "{{ (statistics | wabiz.onprem.balancer_servers)['web1-wabiz-webapp-1'].status == 'DRAIN' }}"
"""

RETURN = r"""
_value:
  description: The servers by name, each with C(status) (UP, DOWN, DRAIN, MAINT), C(requests) that are open, and
    C(only_one) where no other server would take its requests.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats import balancer_statistics as balancer


def balancer_servers(statistics: str) -> dict[str, dict[str, t.Any]]:
    """The servers by name."""
    found = balancer.servers(statistics)
    return {name: {**server, "only_one": balancer.only_one(found, name)} for name, server in found.items()}


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"balancer_servers": balancer_servers}
