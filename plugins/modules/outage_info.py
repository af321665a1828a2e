#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: outage_info
short_description: Measure a failover of a WhatsApp Business API cluster
version_added: 0.1.0
description:
  - Reads the health again and again, from before a node stops until another has taken over, and returns how long its
    shard, or the role of primary master, was unavailable.
  - With O(role=masters) it watches for some time that the API answers and each shard is served although no master is
    left; no other node takes over then.
  - It stops nothing itself. The node is to be stopped while the module runs, for example by a timer on its host.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
  - wabiz.onprem.attributes.action_group
options:
  node:
    description:
      - The node that is going to stop, by the name in RV(wabiz.onprem.health_info#module:nodes). Required but for
        O(role=masters).
    type: str
  role:
    description:
      - What is watched, the connected coreapps or the primary master. One that migrates the schema is none yet.
      - V(masters) are all of them.
    type: str
    choices: [coreapp, primary_master, masters]
    default: coreapp
  shards:
    description: The number of shards; as many coreapps are connected in a healthy cluster.
    type: int
    default: 1
  begin_timeout:
    description: Seconds within which the outage must begin.
    type: float
    default: 60
  wait_timeout:
    description: Seconds within which it must end after it began.
    type: float
    default: 300
  watch_time:
    description: Seconds to watch with O(role=masters).
    type: float
    default: 30
  wait_interval:
    description: Seconds between two queries; the measurement is as exact as that.
    type: float
    default: 0.5
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Ask which coreapp is connected
  wabiz.onprem.health_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    api_key: "{{ vault_api_key }}"
  register: health

- name: Measure how long the shard is without service, while its coreapp is stopped elsewhere
  wabiz.onprem.outage_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    api_key: "{{ vault_api_key }}"
    node: "{{ health.nodes | selectattr('gateway_status', 'eq', 'connected') | selectattr('role', 'eq', 'coreapp')
      | map(attribute='name') | first }}"
    shards: 1
  register: outage
"""

RETURN = r"""
began:
  description: Whether an outage was seen.
  returned: success
  type: bool
ended:
  description: Whether another node took over in time; with O(role=masters), whether each query found all in service.
  returned: success
  type: bool
seconds:
  description:
    - From the last answer with the node in its place to the first with another there; with O(role=masters), how long it
      was watched.
  returned: success
  type: float
  sample: 32.5
successor:
  description: Name of the node that took over; null where none did.
  returned: success
  type: str
  sample: app3:ba9876543210
unserved:
  description: How many queries found the API silent, or a shard without service.
  returned: with O(role=masters)
  type: int
  sample: 0
polls:
  description: How often the health was read.
  returned: success
  type: int
  sample: 70
"""

import time
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.polling import poll
from ansible_collections.wabiz.onprem.plugins.module_utils._model import health


def holders(found: health.Health, role: str) -> set[str]:
    """Return the names of those who do the work that is watched."""
    if role == "coreapp":
        return {node.name for node in found.connected_coreapps}
    # One that is uninitialized still migrates the schema, and no shard is served meanwhile.
    masters = found.with_role(health.PRIMARY_MASTER)
    return {node.name for node in masters if node.gateway_status != "uninitialized"}


def measure(module: ApiModule) -> dict[str, Any]:
    """Watch until the node has stopped, then until its place is taken."""
    given = module.params
    wanted = given["shards"] if given["role"] == "coreapp" else 1
    before: set[str] = set()
    last_good = time.monotonic()

    def stopped(found: health.Health) -> bool:
        nonlocal before, last_good
        now = holders(found, given["role"])
        if given["node"] not in now:
            return True
        before, last_good = before | now, time.monotonic()
        return False

    def taken(found: health.Health) -> bool:
        now = holders(found, given["role"])
        return len(now) == wanted and given["node"] not in now

    def ask() -> health.Health:
        return module.health(patient=False)[0]

    interval = given["wait_interval"]
    began = poll(ask, stopped, timeout=given["begin_timeout"], interval=interval)
    if not began.done:
        return {"began": False, "ended": False, "seconds": 0.0, "successor": None, "polls": began.polls}
    ended = poll(ask, taken, timeout=given["wait_timeout"], interval=interval)
    new = sorted(holders(ended.found, given["role"]) - before) if ended.done and ended.found else []
    return {
        "began": True,
        "ended": ended.done,
        "seconds": round(time.monotonic() - last_good, 1),
        "successor": new[0] if new else None,
        "polls": began.polls + ended.polls,
    }


def watch(module: ApiModule) -> dict[str, Any]:
    """Wait until no master is left, then look for some time whether each shard is served."""
    given = module.params
    served = 0

    def ask() -> health.Health:
        return module.health(patient=False)[0]

    def look(found: health.Health) -> bool:
        nonlocal served
        served += len(found.connected_coreapps) == given["shards"]
        return False

    interval = given["wait_interval"]
    began = poll(ask, lambda found: not found.masters, timeout=given["begin_timeout"], interval=interval)
    if not began.done:
        return {"began": False, "ended": False, "seconds": 0.0, "successor": None, "polls": began.polls, "unserved": 0}
    seen = poll(ask, look, timeout=given["watch_time"], interval=interval)
    return {
        "began": True,
        "ended": seen.polls == served,
        "seconds": round(seen.seconds, 1),
        "successor": None,
        "polls": seen.polls,
        "unserved": seen.polls - served,
    }


def run(module: ApiModule) -> dict[str, Any]:
    """What is watched decides how."""
    return watch(module) if module.params["role"] == "masters" else measure(module)


def main() -> None:
    """Run the module."""
    ApiModule(
        {
            "node": {"type": "str"},
            "role": {"type": "str", "choices": ["coreapp", "primary_master", "masters"], "default": "coreapp"},
            "shards": {"type": "int", "default": 1},
            "begin_timeout": {"type": "float", "default": 60.0},
            "wait_timeout": {"type": "float", "default": 300.0},
            "watch_time": {"type": "float", "default": 30.0},
            "wait_interval": {"type": "float", "default": 0.5},
        },
        required_if=[("role", role, ["node"]) for role in ("coreapp", "primary_master")],
    ).run(run)


if __name__ == "__main__":
    main()
