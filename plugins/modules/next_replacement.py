#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: next_replacement
short_description: Choose the container to be replaced next, by the health of this moment
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Of the containers of one service that differ from what they should be, chooses the one whose absence costs least
    now; standbys before connected coreapps, secondary masters before the primary one.
  - Waits until it may be replaced, and fails with the reason where it may not in the end.
  - Asks M(wabiz.onprem.health_info) on the host that the task is delegated to. Changes nothing.
  - This is an action plugin.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
attributes:
  idempotent:
    support: N/A
    details: The answer depends on the health of the moment.
options:
  service:
    description: The service.
    type: str
    choices: [webapp, master, coreapp]
    required: true
  candidates:
    description:
      - Its containers that differ, each with C(host), C(name), C(service) and C(id) (the first 12 digits; empty where
        none runs).
    type: list
    elements: dict
    required: true
  done:
    description: Its other containers, each with C(host), C(name) and C(id).
    type: list
    elements: dict
    required: true
  addresses:
    description: Under which address the other nodes reach a host, for each host of the play.
    type: dict
    required: true
  shards:
    description: Number of shards that is expected; the cluster is asked where it serves another number.
    type: int
    required: true
  api:
    description:
      - Options of M(wabiz.onprem.health_info) that say how the webapps are reached, and who logs in. Without a password
        the number of shards is not read.
    type: dict
    required: true
  wait_timeout:
    description: Seconds to wait until one may be replaced.
    type: float
    required: true
  wait_interval:
    description: Seconds between two queries.
    type: float
    default: 2
"""

EXAMPLES = r"""
- name: Ask which coreapps there are
  wabiz.onprem.health_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    api_key: "{{ vault_api_key }}"
  register: health

- name: Choose which of two coreapps is replaced first; the third one has been replaced before
  wabiz.onprem.next_replacement:
    service: coreapp
    candidates:
      - {host: core1.example.net, name: wabiz-coreapp-1, service: coreapp, id: "{{ ids['core1.example.net'] }}"}
      - {host: core2.example.net, name: wabiz-coreapp-1, service: coreapp, id: "{{ ids['core2.example.net'] }}"}
    done:
      - {host: core3.example.net, name: wabiz-coreapp-1, id: "{{ ids['core3.example.net'] }}"}
    addresses:
      core1.example.net: core1.example.net
      core2.example.net: core2.example.net
      core3.example.net: core3.example.net
    shards: 1
    api:
      endpoints: [https://web1.example.net:9090]
      ca_path: /etc/wabiz/ca.pem
      api_key: "{{ vault_api_key }}"
    wait_timeout: 180
  vars:
    ids: "{{ health.nodes | items2dict(key_name='host', value_name='container_id') }}"
  register: choice
"""

RETURN = r"""
next:
  description:
    - The container, with C(host), C(name), C(id), C(service), C(role), C(connected), C(left) (how many are to be
      replaced, this one included), C(reason) and C(shards_away).
  returned: success
  type: dict
node:
  description: Name of its node in the health; empty where it does not answer.
  returned: success
  type: str
shards:
  description: Number of shards of the cluster.
  returned: success
  type: int
expectation:
  description:
    - What the cluster has to be after the replacement so that nothing is worse than before, for
      O(wabiz.onprem.health_info#module:wait_for); empty where the API does not answer now.
  returned: success
  type: dict
"""
