#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_provider
short_description: Manage the servers from which a WhatsApp Business API client fetches media
version_added: 0.1.0
description:
  - Adds, changes and removes the credentials with which the client fetches media from a link.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Credentials are shown as changed or not, never their values.
  idempotent:
    support: full
options:
  name:
    description: Name of the provider.
    type: str
    required: true
  state:
    description: Whether the provider shall exist.
    type: str
    choices: [present, absent]
    default: present
  bearer:
    description: Token for bearer authentication. Either this or O(basic_username) is required with O(state=present).
    type: str
  basic_username:
    description: User for basic authentication.
    type: str
  basic_password:
    description: Password of O(basic_username).
    type: str
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Fetch pictures from our own server
  wabiz.onprem.media_provider:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    name: pictures
    bearer: "{{ vault_pictures_token }}"
"""

RETURN = r"""
providers:
  description: Names of all providers at the end of the run (in check mode, as they would be).
  returned: success
  type: list
  elements: str
  sample: [pictures]
"""

from typing import Any
from urllib.parse import quote

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ApiError
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig

PATH = "/v1/settings/application/media/providers"


def read(module: ApiModule) -> dict[str, dict[str, Any]]:
    """Return the providers by name."""
    found = dig(module.session.get(PATH).data, "settings", "application", "media", "providers")
    items = found if isinstance(found, list) else []
    return {item["name"]: item for item in items if isinstance(item, dict) and isinstance(item.get("name"), str)}


def present(module: ApiModule) -> dict[str, Any]:
    """Add the provider, or change its credentials."""
    given = module.params
    providers = read(module)
    current = providers.get(given["name"])
    basic = {"username": given["basic_username"], "password": given["basic_password"]}
    config: dict[str, Any] = {"bearer": given["bearer"]} if given["bearer"] else {"basic": basic}
    names = sorted({*providers, given["name"]})
    if current is not None and current.get("config") == config:
        return {"providers": names}
    if not module.check_mode:
        payload = [{"name": given["name"], "type": "www", "config": config}]
        module.session.call("POST", PATH, payload, repeatable=True)
    change = module.difference(masked(current, "old"), masked({"name": given["name"], "config": config}, "new"))
    return {"changed": True, "providers": names, **change}


def absent(module: ApiModule) -> dict[str, Any]:
    """Remove the provider."""
    providers = read(module)
    current = providers.pop(module.params["name"], None)
    if current is None:
        return {"providers": sorted(providers)}
    if not module.check_mode:
        try:
            module.session.call("DELETE", f"{PATH}/{quote(module.params['name'], safe='')}")
        except ApiError as error:
            # Removed in between, perhaps by a request of ours whose answer was lost.
            if error.status != 404:
                raise
    return {"changed": True, "providers": sorted(providers), **module.difference(masked(current, "old"), {})}


def masked(provider: dict[str, Any] | None, secret: str) -> dict[str, Any]:
    """Return what may be shown of a provider; C(secret) stands for its credentials."""
    if provider is None:
        return {}
    kinds = sorted(provider.get("config") or {})
    return {"name": provider["name"], "authentication": ", ".join(kinds), "credentials": secret}


def main() -> None:
    """Run the module."""
    module = ApiModule(
        {
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "bearer": {"type": "str", "no_log": True},
            "basic_username": {"type": "str"},
            "basic_password": {"type": "str", "no_log": True},
        },
        mutually_exclusive=[("bearer", "basic_username")],
        required_together=[("basic_username", "basic_password")],
        required_if=[("state", "present", ("bearer", "basic_username"), True)],
    )
    module.run(present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
