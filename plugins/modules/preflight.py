#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Judge an inventory and its hosts before anything is touched
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Reads the variables of all hosts of the cluster, checks them, and returns who runs what.
  - All findings come in one message, each with host, variable and remedy; values of secrets are never shown.
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing.
    support: none
  idempotent:
    description: Reads only.
    support: full
  action:
    description: Runs on the controller and connects to no host.
    support: full
options:
  stage:
    description:
      - V(topology) returns who runs what without checks.
      - V(inventory) checks the inventory alone.
      - V(hosts) judges what M(wabiz.onprem.host_info) found on the hosts.
    type: str
    choices: [topology, inventory, hosts]
    default: inventory
  reports:
    description: Results of M(wabiz.onprem.host_info), by host, for O(stage=hosts).
    type: dict
    default: {}
  allow_version_change:
    description: Accept containers of another version than C(wabiz_version); for the upgrade.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Check the inventory
  wabiz.onprem.preflight:
    stage: inventory
  run_once: true
  register: topology

- name: Judge the hosts
  wabiz.onprem.preflight:
    stage: hosts
    reports:
      web1.example.net: "{{ hostvars['web1.example.net'].host_report }}"
  run_once: true
"""

RETURN = r"""
cluster:
  description: Name of the cluster.
  returned: success
  type: str
groups:
  description: Hosts by C(database), C(webapp), C(master) and C(coreapp), whatever the inventory calls its groups.
  returned: success
  type: dict
services:
  description: The same by host.
  returned: success
  type: dict
counts:
  description: Number of nodes by service, instances included.
  returned: success
  type: dict
nodes:
  description: Every client container of the inventory, with C(host), C(service), C(name) and C(address).
  returned: success
  type: list
  elements: dict
addresses:
  description: Name or address under which the other nodes reach a host, by host.
  returned: success
  type: dict
ports:
  description: Host ports that the nodes need, by host.
  returned: success
  type: dict
images:
  description: Images that the nodes need, by host.
  returned: success
  type: dict
mounts:
  description: Paths that must be mount points, by host.
  returned: success
  type: dict
connect:
  description: Addresses that must accept connections, by host.
  returned: success
  type: dict
lock:
  description: Path of the cluster's lock by host; empty where it is not kept.
  returned: success
  type: dict
unfinished:
  description: By host, the files that an upgrade leaves behind as long as it is not finished.
  returned: success
  type: dict
media:
  description: Directory of the shared media by host; empty where there is none.
  returned: success
  type: dict
balancer_socket:
  description: Runtime socket of the load balancer by host; empty where there is none.
  returned: success
  type: dict
endpoints:
  description: Base URLs of all webapps.
  returned: success
  type: list
  elements: str
"""
