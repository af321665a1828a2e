#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: user
short_description: Manage users of a WhatsApp Business API client
version_added: 0.1.0
description:
  - Creates and deletes users, and changes their passwords. Every user that is created has the role V(ROLE_USER).
  - The first password of V(admin) is changed by M(wabiz.onprem.token).
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
  idempotent:
    support: full
    details: Whether a password is the wanted one is found out by a login, which is undone at once.
options:
  name:
    description: Name of the user, 4 to 32 characters.
    type: str
    required: true
  state:
    description:
      - V(absent) deletes the user and all of the user's tokens. V(admin) cannot be deleted.
    type: str
    choices: [present, absent]
    default: present
  user_password:
    description:
      - The user's password. Required to create one.
      - 8 to 64 characters with at least a digit, an upper-case letter, a lower-case letter and a special character.
      - Changing it does not invalidate tokens that exist already.
    type: str
  update_password:
    description: With V(on_create) the password of an existing user is left alone.
    type: str
    choices: [always, on_create]
    default: always
seealso:
  - module: wabiz.onprem.user_info
  - module: wabiz.onprem.token
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Create a user for sending messages
  wabiz.onprem.user:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    name: messaging
    user_password: "{{ vault_messaging_password }}"

- name: Delete the user
  wabiz.onprem.user:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    name: messaging
    state: absent
"""

RETURN = r"""
user:
  description: Name and role of the user at the end of the run.
  returned: when O(state=present)
  type: dict
  sample: {"name": "messaging", "role": "ROLE_USER"}
"""

from typing import Any
from urllib.parse import quote

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.authentication import login, logout
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import (
    ApiError,
    ClientError,
    OutcomeUnknown,
    Refusal,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.passwords import check_password, check_username

# So the client says that the user exists already.
DUPLICATE = (500, 1014)


def present(module: ApiModule) -> dict[str, Any]:
    """Create the user, or change the password where it differs."""
    given = module.params
    check_username(given["name"])
    user = module.user(given["name"])
    if user is None:
        return create(module)
    update = given["update_password"]
    if given["user_password"] is None or update == "on_create" or is_password(module):
        return {"user": user}
    return change_password(module, user)


def create(module: ApiModule) -> dict[str, Any]:
    """Create the user; one that appeared in between is fine."""
    given = module.params
    if given["user_password"] is None:
        raise Refusal(f"user '{given['name']}' does not exist", remedy="Give user_password to create it.")
    check_password(given["user_password"])
    user = {"name": given["name"], "role": "ROLE_USER"}
    if not module.check_mode:
        payload = {"username": given["name"], "password": given["user_password"]}
        try:
            module.session.call("POST", "/v1/users", payload)
        except OutcomeUnknown as unknown:
            found = look_again(module, unknown)
            if not is_password(module):
                return change_password(module, found)
            if is_duplicate(unknown.cause):
                return {"user": found}
    return {"changed": True, "user": user, **module.difference({}, user)}


def look_again(module: ApiModule, unknown: OutcomeUnknown) -> dict[str, Any]:
    """Return the user that is there although the answer does not say that it was created, or raise."""
    seen: dict[str, Any] = {}

    def look() -> str | None:
        seen.update(module.user(module.params["name"]) or {})
        return None if seen else f"there is no user '{module.params['name']}'."

    module.read_back(unknown, look, "Run the module again; it looks first, and creates the user where it is missing.")
    return seen


def is_duplicate(error: ClientError) -> bool:
    """Tell whether the client says that the user exists already."""
    return isinstance(error, ApiError) and (error.status, error.code) == DUPLICATE


def is_password(module: ApiModule) -> bool:
    """Tell whether the user can log in with the wanted password; the token is revoked at once."""
    try:
        made = login(module.client, module.params["name"], module.params["user_password"])
    except ApiError as error:
        if error.status != 401:
            raise
        return False
    logout(module.client, made.token)
    return True


def change_password(module: ApiModule, user: dict[str, Any]) -> dict[str, Any]:
    """Give the user the wanted password."""
    check_password(module.params["user_password"])
    if not module.check_mode:
        module.session.call("PUT", path(module), {"password": module.params["user_password"]})
    change = module.difference({**user, "password": "old"}, {**user, "password": "new"})
    return {"changed": True, "user": user, **change}


def absent(module: ApiModule) -> dict[str, Any]:
    """Delete the user."""
    if module.params["name"] == "admin":
        raise Refusal("the user 'admin' cannot be deleted", remedy="Change its password instead.")
    user = module.user(module.params["name"])
    if user is None:
        return {}
    if not module.check_mode:
        try:
            module.session.call("DELETE", path(module))
        except ApiError as error:
            # Removed in between, perhaps by a request of ours whose answer was lost.
            if error.status != 404:
                raise
    return {"changed": True, **module.difference(user, {})}


def path(module: ApiModule) -> str:
    """Return the path of the user."""
    return f"/v1/users/{quote(module.params['name'], safe='')}"


def main() -> None:
    """Run the module."""
    module = ApiModule(
        {
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "user_password": {"type": "str", "no_log": True},
            "update_password": {
                "type": "str",
                "choices": ["always", "on_create"],
                "default": "always",
                "no_log": False,
            },
        }
    )
    module.run(present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
