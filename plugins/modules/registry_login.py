#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_login
short_description: Log in to a registry, with errors that can be read
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Runs M(community.docker.docker_login). The password is in no message, no result and no journal of the host, so that
    the task needs no C(no_log).
  - The engine asks the registry, by its own proxy and with the CA certificates in C(/etc/docker/certs.d).
attributes:
  check_mode:
    description: Can predict the changes without making them; the registry is asked nevertheless.
    support: full
  diff_mode:
    description: Returns what differs.
    support: none
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
  action:
    description: Runs on the controller and executes another module on the target.
    support: full
options:
  registry:
    description: The registry, without a path.
    type: str
    required: true
  username:
    description: The user.
    type: str
    required: true
  password:
    description: The user's password or token.
    type: str
    required: true
  config_path:
    description: The file that keeps the login; that of M(community.docker.docker_login) where none is given.
    type: path
  socket:
    description: Path of the Docker engine's socket.
    type: path
    default: /var/run/docker.sock
"""

EXAMPLES = r"""
- name: Log in
  wabiz.onprem.registry_login:
    registry: registry.example.net
    username: deploy
    password: "{{ vault_registry_password }}"
    config_path: /run/deploy/config.json
  become: true
"""

RETURN = r"""
cause:
  description:
    - Why it failed, where that is certain and would be the same at the next try; V(login) (user or password are wrong),
      V(helper) (a credential helper of the host does not work), V(untrusted) (the host does not know the registry's
      CA), V(missing). Else empty.
  returned: always
  type: str
"""
