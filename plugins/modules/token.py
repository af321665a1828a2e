#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: token
short_description: Log in to and out of a WhatsApp Business API client, and change the first password
version_added: 0.1.0
description:
  - Logs in and returns a token, which is valid for 7 days on all webapps of a cluster.
  - With O(new_password) it also changes the user's password, which the client demands at the first login of V(admin).
  - The result, which holds the token, is hidden from all output; register it to use it.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: full
    details: The password change and the logout are held back; a login is made, as it changes no setting.
  diff_mode:
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: none
    details: The token would stay in a file on the host and be printed with C(-v), so C(async) is refused.
  idempotent:
    support: partial
    details:
      - A password that has been changed already is recognised, by a login with it.
      - Each login creates a new token, which is not reported as a change; the client does not list existing ones.
options:
  state:
    description:
      - V(present) logs in with O(username) and O(password), or with O(new_password) where that is valid already.
      - V(absent) revokes O(token), and no other token of the user.
    type: str
    choices: [present, absent]
    default: present
  new_password:
    description:
      - Password that the user shall have from now on; O(password) is the one until now, V(secret) in a new client.
      - 8 to 64 characters with at least a digit, an upper-case letter, a lower-case letter and a special character.
    type: str
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Change the first password of a new client
  wabiz.onprem.token:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: secret
    new_password: "{{ vault_admin_password }}"
  register: login

- name: Use the token
  wabiz.onprem.shards_info:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    token: "{{ login.token }}"

- name: Log out
  wabiz.onprem.token:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    token: "{{ login.token }}"
    state: absent
"""

RETURN = r"""
token:
  description: The token. Not returned in check mode when the password would have to be changed first.
  returned: when O(state=present)
  type: str
  sample: eyJhbGciOi...
expires_after:
  description: When the token expires, as the client writes it.
  returned: when O(state=present)
  type: str
  sample: "2026-01-08 12:00:00+00:00"
password_changed:
  description: Whether O(password) was replaced by O(new_password).
  returned: when O(state=present)
  type: bool
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.authentication import Login, login, logout
from ansible_collections.wabiz.onprem.plugins.module_utils._api.client import Request
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ApiError, ClientError
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.passwords import check_password

PASSWORD_CHANGE_REQUIRED = 1024


def try_login(module: ApiModule, password: str) -> Login | None:
    """Log in, or return None where the client does not accept the password."""
    try:
        return login(module.client, module.params["username"], password)
    except ApiError as error:
        if error.status != 401 and error.code != PASSWORD_CHANGE_REQUIRED:
            raise
        return None


def log_in(module: ApiModule) -> dict[str, Any]:
    """Log in; the new password is tried first, so that a second run changes nothing."""
    given = module.params
    new = given["new_password"]
    if new is None:
        return outcome(login(module.client, given["username"], given["password"]), False)
    known = try_login(module, new)
    if known is not None:
        return outcome(known, False)
    check_password(new)
    change = module.difference({"password": "old"}, {"password": "new"})
    if module.check_mode:
        check_old_password(module)
        return {"changed": True, "password_changed": True, **change}
    return {**outcome(change_password(module, new), True), **change}


def change_password(module: ApiModule, new: str) -> Login:
    """Log in with the old password and change it.

    The client may have changed it although the answer was lost; the old one is refused then, and the new one is good.
    """
    try:
        return login(module.client, module.params["username"], module.params["password"], new)
    except ClientError as error:
        refused = isinstance(error, ApiError) and error.status == 401
        known = try_login(module, new) if refused or error.temporary else None
        if known is None:
            raise
        return known


def check_old_password(module: ApiModule) -> None:
    """Fail where the change could not be made; the initial password is good although it opens nothing."""
    try:
        made = login(module.client, module.params["username"], module.params["password"])
    except ApiError as error:
        if error.code != PASSWORD_CHANGE_REQUIRED:
            raise
    else:
        logout(module.client, made.token)


def outcome(made: Login, password_changed: bool) -> dict[str, Any]:
    """Return the token for the result, which the action plugin hides from output."""
    return {
        "changed": password_changed,
        "password_changed": password_changed,
        "token": made.token,
        "expires_after": made.expires_after,
    }


def log_out(module: ApiModule) -> dict[str, Any]:
    """Revoke the token; one that is not valid any more needs nothing."""
    token = module.params["token"]
    try:
        if module.check_mode:
            module.client.ask(Request("GET", "/v1/health"), f"Bearer {token}")
        else:
            logout(module.client, token)
    except ApiError as error:
        if error.status != 401:
            raise
        return {"changed": False}
    return {"changed": True, **module.difference({"token": "valid"}, {"token": "revoked"})}


def main() -> None:
    """Run the module."""
    module = ApiModule(
        {
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "new_password": {"type": "str", "no_log": True},
        },
        required_if=[("state", "present", ("username", "password")), ("state", "absent", ("token",))],
    )
    module.run(log_in if module.params["state"] == "present" else log_out)


if __name__ == "__main__":
    main()
