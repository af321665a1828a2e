# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: own_users
short_description: Which users of a database server are one installation's alone
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Those without rights on other databases than those of its prefix. Another installation may have the same user.
options:
  _input:
    description: Names of the installation's users.
    type: list
    elements: str
    required: true
  prefix:
    description: Prefix of the installation's databases. Blank where they have none.
    type: str
    required: true
  rights:
    description: The rights of these users, each with C(name) and C(place), a database or C(%) and C(_) for several.
    type: list
    elements: dict
    required: true
  administrator:
    description: The user who is not to be removed, since it removes the others.
    type: str
"""

EXAMPLES = r"""
gone: "{{ ['one', 'both'] | wabiz.onprem.own_users('wa_', [{'name': 'both', 'place': 'wb_waent'}]) }}"
"""

RETURN = r"""
_value:
  description: The names, in their order.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_accounts import own_users


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"own_users": own_users}
