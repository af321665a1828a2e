#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: snapshot_info
short_description: Read all information that the API gives about a cluster
version_added: 0.1.0
description:
  - Reads, in one execution with one login, health, shards, application settings, support information, statistics of
    the database, and how each webapp is by itself.
  - What cannot be read is left empty, with the reason in RV(problems), and everything else is read all the same; it
    does not fail because the cluster does not answer. Options that cannot be used are refused.
  - Without O(token) or O(password) only what needs no administrator is read. What only a registered number has is not
    asked for as long as there is none.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
  - wabiz.onprem.attributes.action_group
options:
  gather:
    description: What to read.
    type: list
    elements: str
    choices: [health, shards, settings, support, stats, webapps]
    default: [health, shards, settings, support, stats, webapps]
  wait_registered:
    description:
      - Seconds to wait at most until there is one primary master and the health tells whether a number is registered,
        as after the start of a node. With V(0) the health is asked for once, whatever O(retries) says.
    type: float
    default: 0.0
seealso:
  - module: wabiz.onprem.health_info
  - module: wabiz.onprem.shards_info
  - module: wabiz.onprem.application_settings_info
  - module: wabiz.onprem.support_info
  - module: wabiz.onprem.stats_info
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Read all that the cluster says
  wabiz.onprem.snapshot_info:
    endpoints: [https://web1.example.net:9090, https://web2.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    api_key: "{{ vault_api_key }}"
    username: admin
    password: "{{ vault_admin_password }}"
  register: snapshot

- name: See whether each webapp can use its database
  wabiz.onprem.snapshot_info:
    endpoints: [https://web1.example.net:9090, https://web2.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    api_key: "{{ vault_api_key }}"
    gather: [webapps]
"""

RETURN = r"""
health:
  description:
    - What M(wabiz.onprem.health_info) returns. Where the health could not be read, or is not yet as
      O(wait_registered) wants it, C(msg) says why.
  returned: success
  type: dict
shards:
  description: Number of shards that is set; null where it is not known.
  returned: success
  type: int
  sample: 2
settings:
  description: The application settings, as M(wabiz.onprem.application_settings_info) returns them, or empty.
  returned: success
  type: dict
support:
  description: What M(wabiz.onprem.support_info) returns, or empty.
  returned: success
  type: dict
stats:
  description:
    - What M(wabiz.onprem.stats_info) returns for the database, or empty. C(msg) says why it could not be read.
  returned: success
  type: dict
webapps:
  description: Each of O(endpoints) by itself.
  returned: success
  type: list
  elements: dict
  contains:
    endpoint:
      description: Address of the webapp.
      type: str
      sample: https://web1.example.net:9090
    ok:
      description:
        - Whether it answers a request that needs its database. HTTP 5xx, error 1014 and trouble with the connection
          count against it; anything else that it says is an answer, whatever it says about the cluster.
        - Without credentials it is only asked for C(/), which needs no database.
      type: bool
    error:
      description: Why it does not; empty where it does.
      type: str
    certificate_until:
      description: Last day of the TLS certificate that it presents, in UTC; empty where that is not known.
      type: str
      sample: "2027-03-01"
problems:
  description: Why a part could not be read, by its name in O(gather).
  returned: success
  type: dict
"""

from typing import Any, Callable

from ansible_collections.wabiz.onprem.plugins.module_utils._api import readings
from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ClientError
from ansible_collections.wabiz.onprem.plugins.module_utils._api.webapps import each_webapp
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expectation import Expectation, evaluate

PARTS = ["health", "shards", "settings", "support", "stats", "webapps"]
# In this state the health tells whether a number is registered; nodes with errors are the reader's to judge.
SETTLED = Expectation(max_errors=1000)
INTERVAL_SECONDS = 2.0


def read(module: ApiModule) -> dict[str, Any]:
    """Read each part; what fails becomes a problem. Raises ClientError for options that cannot be used."""
    wanted = module.params["gather"]
    problems: dict[str, str] = {}
    # Options that cannot be used are an error of the task, and not of each part.
    module.open_session()

    def part(name: str, reader: Callable[[], Any], nothing: Any) -> Any:
        if name not in wanted:
            return nothing
        try:
            return reader()
        except ClientError as error:
            problems[name] = str(error)
            return nothing

    health = part("health", lambda: read_health(module), {})
    if "health" in problems:
        health = {"msg": problems["health"]}
    # A cluster that does not answer is not asked four times more, and one without a number has nothing of the rest.
    registered = "health" not in wanted or bool(health.get("summary", {}).get("registered"))
    admin = registered and bool(module.params["token"] or module.params["password"])
    counted = registered and bool(admin or module.params["api_key"])
    stats = part("stats", lambda: readings.statistics(module, ["db"]), {}) if counted else {}
    return {
        "health": health,
        "shards": part("shards", lambda: module.shards()[0], None) if admin else None,
        "settings": part("settings", lambda: module.application_settings()[0], {}) if admin else {},
        "support": part("support", lambda: readings.support(module), {}) if admin else {},
        "stats": {"msg": problems["stats"]} if "stats" in problems else stats,
        "webapps": part("webapps", lambda: each_webapp(module, admin), []),
        "problems": problems,
    }


def read_health(module: ApiModule) -> dict[str, Any]:
    """Read the health, once or until it tells whether a number is registered."""
    timeout = module.params["wait_registered"]
    if timeout <= 0:
        return readings.health_once(module, patient=False)
    found, missing = readings.health_when(module, lambda seen: evaluate(seen, SETTLED), timeout, INTERVAL_SECONDS)
    return {**found, "msg": missing} if missing else found


def main() -> None:
    """Run the module."""
    ApiModule(
        {
            "gather": {"type": "list", "elements": "str", "choices": PARTS, "default": PARTS},
            "wait_registered": {"type": "float", "default": 0.0},
        }
    ).run(read)


if __name__ == "__main__":
    main()
