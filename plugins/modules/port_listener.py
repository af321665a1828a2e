#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: port_listener
short_description: Accept connections in the network of a container for a while
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Leaves a process on this host that accepts connections in the network of a running container, sends each a text and
    closes it. So the ports that the container publishes can be tried from elsewhere before anything serves there.
  - The process ends with the container, or after O(lifetime). Nothing has to end it, and nothing is executed in the
    container.
  - It only tells what it did, and does not fail because of it. It needs root's rights.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    description: Listens nowhere.
    support: full
  diff_mode:
    support: none
  idempotent:
    description: A second process cannot listen on the same ports, which RV(problem) tells.
    support: none
options:
  container:
    description: Name of a running container.
    type: str
    required: true
  ports:
    description: TCP ports of the container, not those of the host.
    type: list
    elements: int
    required: true
  greeting:
    description: Text that is sent to each that connects.
    type: str
    required: true
  lifetime:
    description: Seconds after which the process ends in any case.
    type: float
    default: 600.0
  socket:
    description: Path of the Docker engine's socket.
    type: path
    default: /var/run/docker.sock
"""

EXAMPLES = r"""
- name: Listen where a webapp will
  wabiz.onprem.port_listener:
    container: wabiz-look
    ports: [443]
    greeting: "{{ inventory_hostname }}"
  become: true
"""

RETURN = r"""
ports:
  description: The ports on which it listens; none where it could not.
  returned: always
  type: list
  elements: int
problem:
  description: Why it does not listen.
  returned: always
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host import listener
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.namespace import NamespaceError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.running import process_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import SOCKET


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "container": {"type": "str", "required": True},
            "ports": {"type": "list", "elements": "int", "required": True},
            "greeting": {"type": "str", "required": True},
            "lifetime": {"type": "float", "default": 600.0},
            "socket": {"type": "path", "default": SOCKET},
        },
        supports_check_mode=True,
    )
    given = module.params
    if module.check_mode or not given["ports"]:
        module.exit_json(changed=False, ports=[], problem="")
    try:
        process = process_of(given["container"], given["socket"])
        listener.start(process, given["ports"], given["greeting"], given["lifetime"])
    except (EngineError, NamespaceError) as error:
        module.exit_json(changed=False, ports=[], problem=str(error))
    # It is gone before anyone could ask for it: no change that lasts.
    module.exit_json(changed=False, ports=given["ports"], problem="")


if __name__ == "__main__":
    main()
