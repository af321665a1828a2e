# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role that is used alone reports of the containers on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: node_result
short_description: What a role has done with the containers of a host
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Puts together how the containers were found (RV(wabiz.onprem.containers#module:resources)) and which of them are
    there now (RV(wabiz.onprem.host_info#module:containers)).
positional: there
options:
  _input:
    description: The resources that were compared before anything was changed.
    type: list
    elements: dict
    required: true
  there:
    description: The containers of the host afterwards.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
node_result: "{{ compared.resources | wabiz.onprem.node_result(survey.containers) }}"
"""

RETURN = r"""
_value:
  description:
    - Dictionary with C(changed) (whether any container was started, replaced or, in check mode, would be) and
      C(containers), which has by name the C(id) (empty where there is none), whether it is C(running), and C(state),
      which is C(fresh), C(changed) or C(same).
  type: dict
"""

import typing as t

_Resources = t.Sequence[t.Mapping[str, t.Any]]


def node_result(compared: _Resources, there: _Resources) -> dict[str, t.Any]:
    """What was done with each container, and what is there now."""
    now = {container["name"]: container for container in there}
    none = {"id": "", "running": False}
    containers = {
        item["name"]: {
            "state": item["state"],
            **{key: now.get(item["name"], none)[key] for key in ("id", "running")},
        }
        for item in compared
        if item["kind"] == "container"
    }
    changed = any(container["state"] != "same" for container in containers.values())
    return {"changed": changed, "containers": containers}


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"node_result": node_result}
