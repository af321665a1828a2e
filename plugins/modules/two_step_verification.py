#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: two_step_verification
short_description: Set or remove the PIN of two-step verification
version_added: 0.1.0
description:
  - Sets or removes the PIN that WhatsApp asks for when the number is registered or its shards are changed.
  - Keep the PIN. The client cannot be asked for it.
  - After HTTP 429 or error code 1015 nothing is sent again, as each request may extend the waiting time.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: partial
    details: The state before is not known.
  idempotent:
    support: none
    details: The client has no call that returns whether a PIN is set, or which. Each run sets or removes it.
options:
  state:
    description: Whether there shall be a PIN.
    type: str
    choices: [present, absent]
    default: present
  pin:
    description: The PIN, 6 digits.
    type: str
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Set the PIN
  wabiz.onprem.two_step_verification:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    pin: "{{ vault_pin }}"

- name: Remove the PIN
  wabiz.onprem.two_step_verification:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    state: absent
"""

RETURN = r"""
pin_set:
  description: Whether the number has a PIN at the end of the run (in check mode, whether it would have).
  returned: success
  type: bool
  sample: true
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule

PATH = "/v1/settings/account/two-step"


def apply(module: ApiModule) -> dict[str, Any]:
    """Set or remove the PIN of a registered number."""
    module.check_number()
    module.require_registration("two-step verification")
    wanted = module.params["state"] == "present"
    if not module.check_mode and wanted:
        module.session.call("POST", PATH, {"pin": module.params["pin"]}, repeatable=True)
    elif not module.check_mode:
        module.session.call("DELETE", PATH)
    return {
        "changed": True,
        "pin_set": wanted,
        **module.difference({"pin": "not known"}, {"pin": "set" if wanted else "none"}),
    }


def main() -> None:
    """Run the module."""
    arguments: dict[str, dict[str, Any]] = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "pin": {"type": "str", "no_log": True},
    }
    ApiModule(arguments, required_if=[("state", "present", ("pin",))]).run(apply)


if __name__ == "__main__":
    main()
