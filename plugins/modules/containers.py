#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: containers
short_description: Compare or apply containers with network and volumes, without showing secrets
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Runs M(community.docker.docker_network), M(community.docker.docker_volume), M(community.docker.docker_image_pull)
    and M(community.docker.docker_container) for the resources of one host and reports every difference with secret
    values masked.
  - What lacks the label C(org.wabiz.cluster) with the name of O(cluster) is never changed, stopped or removed.
    M(wabiz.onprem.host_info) inspects the host once before anything is done. A container of the same name that is not
    the cluster's is refused; networks and volumes that exist are used as they are, whoever made them.
  - A limit that C(docker update) has set and that the options do not give, for example of memory, is a difference too.
    Such a container is created again, since Docker cannot remove a limit from one.
  - Secrets are recognised by their names (password, secret, token, key, ...), by what they look like (credentials in
    a URL, private keys, tokens), or named in O(secret_env).
    Their values are removed from every message and result, so that the task needs no C(no_log) and its errors stay
    readable. The modules note nothing in the journal of the host.
  - In check mode it copes with a host that has no engine yet and with a network that does not exist yet.
attributes:
  check_mode:
    description: Can predict the changes without making them.
    support: full
  diff_mode:
    description: Returns what differs, secrets masked.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
  action:
    description: Runs on the controller and executes other modules on the target.
    support: full
options:
  cluster:
    description:
      - Name of the cluster, which everything that is created carries as label C(org.wabiz.cluster).
      - A blank one is refused.
    type: str
    required: true
  state:
    description:
      - V(present) creates what is missing, replaces what differs and starts what is stopped.
      - V(pulled) pulls the containers' images only.
      - V(stopped) stops those of the containers that exist, and changes nothing else.
      - V(absent) removes the containers, then the network and the volumes that are named; a network or volume stays,
        with a warning, where it is not the cluster's or where other containers use it.
    type: str
    choices: [present, pulled, stopped, absent]
    default: present
  network:
    description:
      - Options of M(community.docker.docker_network), at least C(name). One that exists is used as it is.
    type: dict
  volumes:
    description:
      - Options of M(community.docker.docker_volume), a dictionary for each volume; existing ones are kept as they are.
    type: list
    elements: dict
    default: []
  containers:
    description:
      - Options of M(community.docker.docker_container), a dictionary for each container, at least C(name).
      - Environment, labels, networks, extra hosts and volumes are compared strictly.
      - For O(state=absent) and O(state=stopped) only their names matter.
    type: list
    elements: dict
    required: true
  secret_env:
    description: Further names of environment variables whose values are secret.
    type: list
    elements: str
    default: []
  digest:
    description:
      - With O(state=pulled), the digest by which the image of O(containers) is pulled, whatever its tag leads to; it is
        given its name with the tag afterwards.
    type: str
    default: ""
  engine_running:
    description: Whether a Docker engine answers on the host; V(false) is accepted in check mode only.
    type: bool
    default: true
  socket:
    description: Path of the Docker engine's socket.
    type: path
    default: /var/run/docker.sock
"""

EXAMPLES = r"""
- name: Run a coreapp on a network of its own
  wabiz.onprem.containers:
    cluster: wabiz
    network:
      name: wabiz
    containers:
      - name: wabiz-coreapp-1
        image: docker.whatsapp.biz/coreapp:v2.57.2
        command: [/opt/whatsapp/bin/wait_on_mysql.sh, /opt/whatsapp/bin/launch_within_docker.sh]
        restart_policy: unless-stopped
        env:
          COREAPP_HOSTNAME: core1.example.net
          WA_APP_MULTICONNECT: "1"
          WA_DB_ENGINE: MYSQL
          WA_DB_HOSTNAME: db.example.net
          WA_DB_PORT: "3306"
          WA_DB_USERNAME: wabiz
          WA_DB_PASSWORD: "{{ vault_database_password }}"
        networks:
          - name: wabiz

- name: Say what another password would change, without showing it
  wabiz.onprem.containers:
    cluster: wabiz
    containers:
      - name: wabiz-coreapp-1
        env:
          COREAPP_HOSTNAME: core1.example.net
          WA_APP_MULTICONNECT: "1"
          WA_DB_ENGINE: MYSQL
          WA_DB_HOSTNAME: db.example.net
          WA_DB_PORT: "3306"
          WA_DB_USERNAME: wabiz
          WA_DB_PASSWORD: "{{ vault_new_database_password }}"
  check_mode: true
  diff: true
  register: comparison

- name: Remove both
  wabiz.onprem.containers:
    cluster: wabiz
    state: absent
    network:
      name: wabiz
    containers:
      - name: wabiz-coreapp-1
"""

RETURN = r"""
resources:
  description: Every resource in the order in which it was handled.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the resource; C(network), C(volume), C(image) or C(container).
      type: str
    name:
      description: Name of the resource.
      type: str
    state:
      description: One of C(fresh) (created), C(changed), C(same), C(gone) (removed).
      type: str
    differences:
      description: A line for each property that differs, secrets masked.
      type: list
      elements: str
containers:
  description: Id and addresses of every container that exists, by name.
  returned: success
  type: dict
"""
