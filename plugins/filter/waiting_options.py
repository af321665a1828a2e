# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: waiting_options
short_description: Options of the container from which a host looks around
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - The options by which the container finds names and publishes ports as the nodes of its host will.
options:
  _input:
    description: The host's settings, as M(wabiz.onprem.settings) returns them.
    type: dict
    required: true
  services:
    description: What runs on the host, for example V(webapp).
    type: list
    elements: str
    required: true
  unheld:
    description: The ports to publish, as C(unheld_ports) returns them.
    type: list
    elements: list
    required: true
"""

EXAMPLES = r"""
container: "{{ settings | wabiz.onprem.waiting_options(['coreapp'], [[6250, 6250]]) }}"
"""

RETURN = r"""
_value:
  description: Options of M(community.docker.docker_container).
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.reachability import waiting_options


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"waiting_options": waiting_options}
