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
      - The service, with the keys C(name), C(image), C(instances), C(first_port), C(ports), C(hostname_variable),
        C(ports_variable), C(alive) (a test for a health check), C(env) and C(options) (of this service only).
        Variables of C(env) that are null are omitted.
    type: dict
    required: true
  settings:
    description:
      - What all nodes share, with the keys C(cluster), C(registry), C(version), C(hostname), C(address) (on which ports
        are published, null for all), C(env), C(options), C(added) (options that not every site has), C(by_service)
        (options with a value for each service) and C(healthcheck) (an option without its test, null for none).
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

import hashlib
import json
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model import labels
from ansible_collections.wabiz.onprem.plugins.module_utils._model.container_options import (
    Options,
    merged,
    published_ports,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import reference
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import CONTAINER_PORTS, Node, host_nodes


def node_containers(service: Options, settings: Options) -> list[Options]:
    """The containers of one service on one host, in the order of their numbers."""
    nodes = host_nodes(
        settings["cluster"],
        service["name"],
        settings["hostname"],
        int(service["instances"]),
        int(service["first_port"]),
        service["ports"],
    )
    added = _added(service, settings)
    return [_container(node, service, settings, added) for node in nodes]


def _added(service: Options, settings: Options) -> Options:
    """What this site adds to the options that the containers of every site have."""
    sizes = {option: values.get(service["name"]) for option, values in settings["by_service"].items()}
    check = settings["healthcheck"]
    health = {"healthcheck": {**check, "test": service["alive"]}} if check else {}
    return merged(sizes, health, settings["added"], service["options"])


def _container(node: Node, service: Options, settings: Options, added: Options) -> Options:
    env = {
        **settings["env"],
        service["hostname_variable"]: settings["hostname"],
        service["ports_variable"]: ",".join(map(str, node.ports)),
        **service["env"],
        **added.get("env", {}),
    }
    own = published_ports(settings["address"], zip(node.ports, CONTAINER_PORTS[service["name"]]))
    options = merged(settings["options"], added)
    return {
        **options,
        "name": node.name,
        "image": reference(settings["registry"], service["image"], settings["version"]),
        "image_name_mismatch": "recreate",
        # A paused container holds its connections and does nothing; that is drift.
        "paused": False,
        # Null is no value. An empty text is one: it blanks what the image says.
        "env": {name: str(value) for name, value in env.items() if value is not None},
        "published_ports": [*own, *added.get("published_ports", [])],
        "labels": {
            **added.get("labels", {}),
            labels.CLUSTER: settings["cluster"],
            labels.NODE: service["name"],
            labels.VERSION: str(settings["version"]),
            **_noted(added, options["networks"], settings["cluster"]),
        },
    }


def _noted(added: Options, networks: list[Options], cluster: str) -> dict[str, str]:
    """A label by which a later run sees that an option is no longer wanted: docker_container compares what is given."""
    found = {**added, **({} if networks == [{"name": cluster}] else {"networks": networks})}
    if not found:
        return {}
    return {labels.OPTIONS: hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]}


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"node_containers": node_containers}
