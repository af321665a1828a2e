#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: reachability_info
short_description: Look which peers a container reaches
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Looks up names and connects to TCP ports from the network of a running container, with its name servers and its
    C(/etc/hosts). Nothing is executed in the container.
  - It only tells what it found, and does not fail because of it. It needs root's rights.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
options:
  container:
    description: Name of a running container.
    type: str
    required: true
  peers:
    description: What to connect to.
    type: list
    elements: dict
    required: true
    suboptions:
      host:
        description: What the other end is called in the answer.
        type: str
        required: true
      address:
        description: Its name or address.
        type: str
        required: true
      port:
        description: Its TCP port.
        type: int
        required: true
      greeting:
        description:
          - What M(wabiz.onprem.port_listener) sends there. Where something else answers, the address leads to another
            machine. Without it the connection is enough.
        type: str
        default: ""
      listens:
        description: Whether something is known to listen there; returned as it is given.
        type: bool
        default: false
  timeout:
    description: Seconds to wait for each connection.
    type: float
    default: 5.0
  limit:
    description: Seconds after which the look is ended in any case.
    type: float
    default: 120.0
  socket:
    description: Path of the Docker engine's socket.
    type: path
    default: /var/run/docker.sock
"""

EXAMPLES = r"""
- name: Look which peers a node will reach
  wabiz.onprem.reachability_info:
    container: wabiz-look
    peers:
      - {host: core1, address: core1.example.net, port: 6250}
      - {host: web1, address: web1.example.net, port: 9090, greeting: web1, listens: true}
  become: true
  register: reached
"""

RETURN = r"""
peers:
  description: The peers as they were given, with what was found; empty where it could not be looked.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: As given, like C(address), C(port), C(greeting) and C(listens).
      type: str
    addresses:
      description: Addresses of the name.
      type: list
      elements: str
    failed_at:
      description:
        - C(resolve), C(connect), or C(identity) where another one answers than was expected. Empty where it is reached.
      type: str
    reason:
      description: Why it ended there; with C(identity) what was heard instead.
      type: str
problem:
  description: Why it could not be looked from the container.
  returned: always
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.namespace import NamespaceError, within
from ansible_collections.wabiz.onprem.plugins.module_utils._host.reach import reach
from ansible_collections.wabiz.onprem.plugins.module_utils._host.running import process_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import SOCKET

_PEER = {
    "host": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "greeting": {"type": "str", "default": ""},
    "listens": {"type": "bool", "default": False},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "container": {"type": "str", "required": True},
            "peers": {"type": "list", "elements": "dict", "required": True, "options": _PEER},
            "timeout": {"type": "float", "default": 5.0},
            "limit": {"type": "float", "default": 120.0},
            "socket": {"type": "path", "default": SOCKET},
        },
        supports_check_mode=True,
    )
    given = module.params
    try:
        process = process_of(given["container"], given["socket"])
        peers = within(process, lambda: reach(given["peers"], given["timeout"]), given["limit"])
    except (EngineError, NamespaceError) as error:
        module.exit_json(changed=False, peers=[], problem=str(error))
    module.exit_json(changed=False, peers=peers, problem="")


if __name__ == "__main__":
    main()
