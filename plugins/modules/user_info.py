#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: user_info
short_description: Look up a user of a WhatsApp Business API client
version_added: 0.1.0
description:
  - Returns whether a user exists, and the user's role. The client cannot list its users.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
  - wabiz.onprem.attributes.action_group
options:
  name:
    description: Name of the user.
    type: str
    required: true
seealso:
  - module: wabiz.onprem.user
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Look up the messaging user
  wabiz.onprem.user_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    name: messaging
  register: result
"""

RETURN = r"""
exists:
  description: Whether the user exists.
  returned: success
  type: bool
user:
  description: Name and role of the user.
  returned: when the user exists
  type: dict
  sample: {"name": "messaging", "role": "ROLE_USER"}
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule


def read(module: ApiModule) -> dict[str, Any]:
    """Look the user up."""
    user = module.user(module.params["name"])
    return {"exists": False} if user is None else {"exists": True, "user": user}


def main() -> None:
    """Run the module."""
    ApiModule({"name": {"type": "str", "required": True}}).run(read)


if __name__ == "__main__":
    main()
