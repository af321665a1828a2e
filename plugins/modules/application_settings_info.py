#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: application_settings_info
short_description: Read the application settings of a WhatsApp Business API client
version_added: 0.1.0
description:
  - Reads all application settings as the client reports them.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
  - wabiz.onprem.attributes.action_group
seealso:
  - module: wabiz.onprem.application_settings
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Read the application settings
  wabiz.onprem.application_settings_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
  register: result
"""

RETURN = r"""
settings:
  description: The settings, nested as the client reports them.
  returned: success
  type: dict
  sample: {"callback_persist": true, "webhooks": {"url": "https://hooks.example.net", "max_concurrent_requests": 6}}
version:
  description: Version of the client, without a leading v; null where the answer holds none.
  returned: success
  type: str
  sample: 2.57.2
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule


def read(module: ApiModule) -> dict[str, Any]:
    """Read the settings."""
    settings, answer = module.application_settings()
    return {"settings": settings, "version": answer.version}


def main() -> None:
    """Run the module."""
    ApiModule().run(read)


if __name__ == "__main__":
    main()
