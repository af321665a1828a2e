#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stats_info
short_description: Read statistics of a WhatsApp Business API client
version_added: 0.1.0
description:
  - Reads statistics of coreapps, database and webapp. Works with O(api_key), except for the internal ones.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
  - wabiz.onprem.attributes.action_group
options:
  gather:
    description:
      - What to read. V(db) is expensive on a large database.
      - V(metrics) are those of the webapp that answers, from version 2.21.3 on.
      - The shape of V(app_internal) and V(db_internal) is not documented; they are returned as they come.
    type: list
    elements: str
    choices: [app, db, metrics, app_internal, db_internal]
    default: [app]
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Read the size of the database and the length of the queues
  wabiz.onprem.stats_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    api_key: "{{ vault_api_key }}"
    gather: [app, db]
  register: result
"""

RETURN = r"""
stats:
  description:
    - What was gathered, under the names of O(gather).
    - V(app) and V(db) hold one dictionary per node, V(single instance) standing for a client that is not a cluster.
  returned: success
  type: dict
messages:
  description: Number of messages in the database, over all types; null where the client does not report it.
  returned: when V(db) was gathered
  type: int
  sample: 120000
large_database:
  description: Whether there are more than 2000000 messages, from where on a clean-up before an upgrade is advised.
  returned: when V(db) was gathered
  type: bool
version:
  description: Version of the client, without a leading v; null where the answer holds none.
  returned: success
  type: str
  sample: 2.57.2
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api import readings
from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule


def read(module: ApiModule) -> dict[str, Any]:
    """Read all that was asked for."""
    return readings.statistics(module, module.params["gather"])


def main() -> None:
    """Run the module."""
    ApiModule(
        {"gather": {"type": "list", "elements": "str", "choices": list(readings.STATISTICS), "default": ["app"]}},
    ).run(read)


if __name__ == "__main__":
    main()
