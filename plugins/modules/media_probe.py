#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: media_probe
short_description: Prove that containers have the same media, and can write and read them
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - A file is written by each container into its directory of media, then each container reads the files of all others,
    on other hosts too, then the files are removed. These are three executions of this module, each on all hosts.
  - It only tells what it found, and does not fail because of it. Each command in a container has a time-out, so that a
    share whose server is frozen holds up nothing.
  - A file that a run which was killed has left is removed by its container after O(lifetime) seconds, and those of
    containers that were stopped meanwhile by the next probe.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: full
    details: Nothing is written, so nothing is found.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  state:
    description: The step of the probe.
    type: str
    choices: [written, read, absent]
    required: true
  containers:
    description: Names of running containers of the client, for O(state=written).
    type: list
    elements: str
    default: []
  written:
    description: RV(containers) of this host as O(state=written) returned it, for the other steps.
    type: list
    elements: dict
    default: []
  files:
    description: The files that each container must find, for O(state=read).
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait for each container.
    type: float
    default: 15.0
  lifetime:
    description: Seconds after which a file that was left is removed.
    type: int
    default: 300
  socket:
    description: Path of the Docker engine's socket.
    type: path
    default: /var/run/docker.sock
"""

EXAMPLES = r"""
- name: Write a file from the container of this host
  wabiz.onprem.media_probe:
    state: written
    containers: [wabiz-coreapp-1]
  become: true
  register: written

- name: Read the files of all hosts in it
  wabiz.onprem.media_probe:
    state: read
    written: "{{ written.containers }}"
    files: "{{ everywhere | rejectattr('problem') | map(attribute='file') }}"
  vars:
    everywhere: "{{ ansible_play_hosts | map('extract', hostvars, ['written', 'containers']) | flatten }}"
  become: true
  register: probed

- name: Remove it
  wabiz.onprem.media_probe:
    state: absent
    written: "{{ written.containers }}"
  become: true
"""

RETURN = r"""
selinux:
  description: Whether the host enforces SELinux.
  returned: always
  type: bool
containers:
  description: What each container did; with O(state=read) what was said of it before as well.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the container.
      type: str
    file:
      description: The file that it has written, or has tried to.
      type: str
    problem:
      description:
        - Empty where it was written, else V(directory) (which cannot be entered), V(write), V(silent) (no answer in
          time) or V(engine) (the container does not run, for example).
      type: str
    reason:
      description: The words of the problem.
      type: str
    user:
      description: Number of the user by whom the container writes.
      type: str
    owner:
      description: Number of the user whose the file is then, another one where the server of a share decides so.
      type: str
    directory:
      description: Owner and mode of the directory, such as V(0 755).
      type: str
    mount:
      description: What is mounted there, with C(fstype), C(source) and C(device).
      type: dict
    expected:
      description: The files that were looked for, with O(state=read) like all below.
      type: list
      elements: str
    missing:
      description: Those that are not there.
      type: list
      elements: str
    unreadable:
      description: Those that are there and cannot be read, or hold something else than was written.
      type: list
      elements: str
    read_problem:
      description: As C(problem), for reading.
      type: str
    read_reason:
      description: Its words.
      type: str
"""

import os
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host.probe import PREFIX, Shell, enforced
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import SOCKET

Entry = dict[str, t.Any]


def steps(given: dict[str, t.Any]) -> tuple[list[t.Any], t.Callable[[t.Any], Entry]]:
    """What there is to do, and how for each of it."""
    shell = Shell(given["socket"], given["timeout"])

    def write(name: str) -> Entry:
        return shell.write(name, f"{PREFIX}{os.urandom(8).hex()}", given["lifetime"])

    def read(entry: Entry) -> Entry:
        return {**entry, **shell.read(entry["name"], given["files"])}

    def clear(entry: Entry) -> Entry:
        shell.clear(entry["name"], entry["file"])
        return entry

    if given["state"] == "written":
        return given["containers"], write
    return given["written"], read if given["state"] == "read" else clear


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["written", "read", "absent"], "required": True},
            "containers": {"type": "list", "elements": "str", "default": []},
            "written": {"type": "list", "elements": "dict", "default": []},
            "files": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "float", "default": 15.0},
            "lifetime": {"type": "int", "default": 300},
            "socket": {"type": "path", "default": SOCKET},
        },
        supports_check_mode=True,
    )
    ahead, step = steps(module.params)
    if module.check_mode or not ahead:
        module.exit_json(changed=False, containers=[], selinux=enforced())
    with ThreadPoolExecutor(len(ahead)) as pool:
        found = list(pool.map(step, ahead))
    module.exit_json(changed=False, containers=found, selinux=enforced())


if __name__ == "__main__":
    main()
