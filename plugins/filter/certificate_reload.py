# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: certificate_reload
short_description: The statement with which a MySQL or MariaDB server reads its certificate again
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Says how a server that runs is told of a new certificate.
options:
  _input:
    description: The result of M(community.mysql.mysql_info), with at least its C(version).
    type: dict
    required: true
"""

EXAMPLES = r"""
statement: "{{ server | wabiz.onprem.certificate_reload }}"
"""

RETURN = r"""
_value:
  description: The statement; empty where the server reads its certificate at its start only, as MySQL before 8.0.16.
  type: str
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.server_certificate import certificate_reload


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"certificate_reload": certificate_reload}
