#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: health_info
short_description: Read, and wait for, the health of a WhatsApp Business API cluster
version_added: 0.1.0
description:
  - Reads nodes, roles, gateway status and errors through C(GET /v1/health).
  - With O(wait_for) it asks until the cluster looks as expected, on the host that runs it.
  - Works before the first login with O(api_key).
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.waiting
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
  - wabiz.onprem.attributes.action_group
options:
  wait_for:
    description:
      - What the cluster shall look like. What is omitted does not matter, except that there must be one primary
        master, no node with errors, and an answer that says whether a number is registered.
      - Before registration only the primary master tells its role; the others answer with error 1011. They then count
        as present, and O(wait_for.shards) is not checked. One expectation serves before and after registration.
      - An empty dictionary waits for these basics alone.
    type: dict
    suboptions:
      masters:
        description: Least number of answering masters.
        type: int
      coreapps:
        description: Least number of answering coreapps.
        type: int
      shards:
        description:
          - Exact number of connected coreapps, once a number is registered.
          - The masters' own gateway status is not checked, as the vendor's documents contradict each other there.
        type: int
      registered:
        description: Whether a number must be registered. Both are accepted without it.
        type: bool
      primary_masters:
        description: Exact number of primary masters.
        type: int
        default: 1
      max_errors:
        description: Highest number of nodes that may carry an error; raise it while a node is stopped on purpose.
        type: int
        default: 0
      hosts:
        description:
          - Host names, as the nodes report them (C(COREAPP_HOSTNAME)), that must have an answering master or coreapp.
          - A host with several nodes is named as often.
        type: list
        elements: str
        default: []
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Read the health before the first login
  wabiz.onprem.health_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    api_key: "{{ vault_api_key }}"
  register: health

- name: Wait until the cluster of two masters and three coreapps answers, registered or not
  wabiz.onprem.health_info:
    endpoints: [https://web1.example.net:9090, https://web2.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    api_key: "{{ vault_api_key }}"
    wait_for:
      masters: 2
      coreapps: 3
      shards: 1
    wait_timeout: 180

- name: Wait until a number is registered and exactly one coreapp is connected
  wabiz.onprem.health_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    api_key: "{{ vault_api_key }}"
    wait_for:
      registered: true
      shards: 1
"""

RETURN = r"""
nodes:
  description: Masters and coreapps, ordered by name. Webapps are not reported by the client.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Key under which the client reports the node.
      type: str
      sample: app1:0123456789ab
    host:
      description: Host part of the name; null for a single instance.
      type: str
      sample: app1
    container_id:
      description: Container part of the name; null for a single instance.
      type: str
      sample: 0123456789ab
    role:
      description: V(primary_master), V(secondary_master), V(coreapp), or null where the node does not say.
      type: str
      sample: coreapp
    gateway_status:
      description: V(connected), V(connecting), V(disconnected), V(uninitialized), V(unregistered), or null.
      type: str
      sample: connected
    errors:
      description: Errors of the node, each with code, title and details.
      type: list
      elements: dict
summary:
  description:
    - "Counts and names: C(single_instance), C(registered) (null while no node says so), C(nodes), C(masters),
      C(primary_masters), C(primary_master), C(coreapps), C(connected_coreapps), C(connected), C(failing), C(statuses)."
  returned: always
  type: dict
unmet:
  description:
    - What is missing for O(wait_for), each with C(level), C(where) (the expectation), C(problem) and C(remedy).
  returned: when O(wait_for) is given
  type: list
  elements: dict
version:
  description: Version of the client, without a leading v; null where the answer holds none.
  returned: success
  type: str
  sample: 2.57.2
endpoint:
  description: The webapp that answered.
  returned: success
  type: str
  sample: https://web1.example.net:9090
polls:
  description: How often the health was read.
  returned: always
  type: int
  sample: 3
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api import readings
from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import WAIT_ARGUMENTS, ApiModule, WaitFailed
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expectation import Expectation, evaluate

EXPECTATION_ARGUMENTS: dict[str, dict[str, Any]] = {
    "masters": {"type": "int"},
    "coreapps": {"type": "int"},
    "shards": {"type": "int"},
    "registered": {"type": "bool"},
    "primary_masters": {"type": "int", "default": 1},
    "max_errors": {"type": "int", "default": 0},
    "hosts": {"type": "list", "elements": "str", "default": []},
}


def wait(module: ApiModule) -> dict[str, Any]:
    """Read the health until the expectation holds, or fail with what is missing."""
    options = dict(module.params["wait_for"])
    wanted = Expectation(**{**options, "hosts": tuple(options["hosts"])})
    result, missing = readings.health_when(
        module,
        lambda found: evaluate(found, wanted),
        module.params["wait_timeout"],
        module.params["wait_interval"],
    )
    if missing:
        raise WaitFailed(missing, result)
    return result


def main() -> None:
    """Run the module."""
    module = ApiModule({**WAIT_ARGUMENTS, "wait_for": {"type": "dict", "options": EXPECTATION_ARGUMENTS}})
    module.run(readings.health_once if module.params["wait_for"] is None else wait)


if __name__ == "__main__":
    main()
