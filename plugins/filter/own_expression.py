# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: own_expression
short_description: A regular expression for the names of an installation's databases
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - For a server that is asked for something about the databases which the client creates, and about no others.
options:
  _input:
    description: Prefix of the installation's databases. Blank where they have none.
    type: str
    required: true
"""

EXAMPLES = r"""
names: "^({{ 'wa_' | wabiz.onprem.own_expression }})$"
"""

RETURN = r"""
_value:
  description: The expression, for the whole name, as Python and PostgreSQL read it.
  type: str
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import expression


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"own_expression": expression}
