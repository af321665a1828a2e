#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: support_info
short_description: Read the support information of a WhatsApp Business API client
version_added: 0.1.0
description:
  - Reads what the vendor's support asks for, above all when this version of the client expires, the schema of the
    database, free space and the owners of the shards.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
  - wabiz.onprem.attributes.action_group
options:
  include_environment:
    description: Return C(env) and C(db_info) as well. They may hold secrets; set C(no_log) then.
    type: bool
    default: false
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: When does this version expire?
  wabiz.onprem.support_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
  register: result
"""

RETURN = r"""
expires:
  description: When the first node's version of the client expires, in UTC; null where no node reports it.
  returned: success
  type: str
  sample: "2026-03-01T00:00:00+00:00"
days_left:
  description: Whole days until then; null where no node reports it.
  returned: success
  type: int
  sample: 99
nodes:
  description:
    - What each node reports, with C(name), C(host) and C(container_id) next to it (the latter two null for a single
      instance), and C(expires) as a date.
  returned: success
  type: list
  elements: dict
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
    """Read the support information."""
    return readings.support(module, frozenset() if module.params["include_environment"] else readings.MAY_HOLD_SECRETS)


def main() -> None:
    """Run the module."""
    ApiModule({"include_environment": {"type": "bool", "default": False}}).run(read)


if __name__ == "__main__":
    main()
