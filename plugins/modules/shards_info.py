#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: shards_info
short_description: Read the number of shards of a WhatsApp Business API cluster
version_added: 0.1.0
description:
  - Reads how many shards the cluster is set to. How many are served right now is in M(wabiz.onprem.health_info).
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
  - wabiz.onprem.attributes.action_group
seealso:
  - module: wabiz.onprem.shards
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Read the number of shards
  wabiz.onprem.shards_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
  register: result
"""

RETURN = r"""
shards:
  description: Number of shards; 1 means high availability without multiconnect.
  returned: success
  type: int
  sample: 2
version:
  description: Version of the client, without a leading v; null where the answer holds none.
  returned: success
  type: str
  sample: 2.57.2
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule


def read(module: ApiModule) -> dict[str, Any]:
    """Read the number of shards."""
    shards, answer = module.shards()
    return {"shards": shards, "version": answer.version}


def main() -> None:
    """Run the module."""
    ApiModule().run(read)


if __name__ == "__main__":
    main()
