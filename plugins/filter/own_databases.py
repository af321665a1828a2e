# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: own_databases
short_description: Which databases of a server are one installation's
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Those that the client creates, named C(wa) and letters or digits behind the prefix, without those on which another
    user has rights by a longer name. Without a prefix C(waent) and C(waweb), unless another user has rights on them.
options:
  _input:
    description: Names of the server's databases.
    type: list
    elements: str
    required: true
  prefix:
    description: Prefix of the installation's databases. Blank where they have none.
    type: str
    required: true
  others:
    description: Names on which other users have rights, as MySQL keeps them, with C(%) and C(_) as wildcards.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
databases: "{{ ['wa_waent', 'wa_two_waent'] | wabiz.onprem.own_databases('wa_', ['wa\\_two\\_%']) }}"
"""

RETURN = r"""
_value:
  description: The names, sorted.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_accounts import own_databases


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"own_databases": own_databases}
