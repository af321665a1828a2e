# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: node_containers
short_description: The containers of one service on one host
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Turns a service (what makes a node a webapp, a master or a coreapp) and the settings that all nodes share into
    options of M(community.docker.docker_container), a dictionary for each instance.
options:
  _input:
    description:
      - The service, with the keys C(name), C(image), C(instances), C(first_port), C(hostname_variable),
        C(ports_variable) and C(env). Variables of C(env) that are null or empty are omitted.
    type: dict
    required: true
  settings:
    description:
      - What all nodes share, with the keys C(cluster), C(registry), C(version), C(hostname), C(env) and C(options).
    type: dict
    required: true
"""

EXAMPLES = r"""
containers: "{{ _coreapp_service | wabiz.onprem.node_containers(_node_settings) }}"
"""

RETURN = r"""
_value:
  description: Options of M(community.docker.docker_container), a dictionary for each instance.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model import labels
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import reference
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import CONTAINER_PORTS, Node, host_nodes


def node_containers(service: dict[str, t.Any], settings: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """The containers of one service on one host, in the order of their numbers."""
    nodes = host_nodes(
        settings["cluster"],
        service["name"],
        settings["hostname"],
        int(service["instances"]),
        int(service["first_port"]),
    )
    return [_container(node, service, settings) for node in nodes]


def _container(node: Node, service: dict[str, t.Any], settings: dict[str, t.Any]) -> dict[str, t.Any]:
    env = {
        **settings["env"],
        service["hostname_variable"]: settings["hostname"],
        service["ports_variable"]: ",".join(map(str, node.ports)),
        **service["env"],
    }
    return {
        **settings["options"],
        "name": node.name,
        "image": reference(settings["registry"], service["image"], settings["version"]),
        "image_name_mismatch": "recreate",
        # A paused container holds its connections and does nothing; that is drift.
        "paused": False,
        # Neither null nor an empty text is a value.
        "env": {name: str(value) for name, value in env.items() if value is not None and str(value) != ""},
        "published_ports": [f"{host}:{inner}" for host, inner in zip(node.ports, CONTAINER_PORTS[service["name"]])],
        "labels": {
            labels.CLUSTER: settings["cluster"],
            labels.NODE: service["name"],
            labels.VERSION: str(settings["version"]),
        },
    }


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"node_containers": node_containers}
