# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: own_grants
short_description: What the rights of an installation's user are on, as MySQL keeps it
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - The pattern of names that a grant has, or where there is no prefix the names of the client's databases.
options:
  _input:
    description: Prefix of the installation's databases. Blank where they have none.
    type: str
    required: true
"""

EXAMPLES = r"""
places: "{{ 'wa_' | wabiz.onprem.own_grants }}"
"""

RETURN = r"""
_value:
  description: The names, with C(%) as a wildcard and a backslash before each C(_).
  type: list
  elements: str
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import grants


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"own_grants": grants}
