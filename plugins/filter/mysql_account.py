# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: mysql_account
short_description: Options of community.mysql.mysql_user for a user of the client
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Authentication with C(mysql_native_password), as the vendor's files have it; with C(caching_sha2_password) where the
    server is MySQL 8.4 or newer.
  - All rights on the databases of one prefix, or where it is blank on C(waent) and C(waweb), and no others.
options:
  _input:
    description: Result of M(community.mysql.mysql_info) with C(version) and C(server_engine).
    type: dict
    required: true
  name:
    description: Name of the user.
    type: str
    required: true
  password:
    description: Password of the user.
    type: str
    required: true
  prefix:
    description: Prefix of the names of the databases. Blank where they have none.
    type: str
    required: true
  host:
    description: From where the user may log in, as MySQL writes it.
    type: str
    default: "%"
  demands:
    description:
      - Which users have to use TLS already, as rows of C(mysql.user) with C(name), C(type), C(cipher), C(issuer) and
        C(subject). The user goes on having to; one that is not among them is treated as the first that is.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
options: "{{ server | wabiz.onprem.mysql_account('wabiz', password, 'wabiz_') }}"
"""

RETURN = r"""
_value:
  description:
    C(password), C(plugin), C(plugin_auth_string), C(salt), C(priv) and
    C(tls_requires); what does not apply is null.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_accounts import mysql_account


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"mysql_account": mysql_account}
