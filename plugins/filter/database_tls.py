# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: database_tls
short_description: Environment and volumes of a client's container for TLS to the database
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Says which variables the client is told and which files its container needs for an encrypted connection to the
    database server.
options:
  _input:
    description: Settings of the host, as M(wabiz.onprem.settings) returns them.
    type: dict
    required: true
"""

EXAMPLES = r"""
volumes: "{{ (_wabiz | wabiz.onprem.database_tls).volumes }}"
"""

RETURN = r"""
_value:
  description: C(ca), the path of the CA certificates on the host, C(env) and C(volumes); all of them empty without TLS.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_tls import environment, files, volumes


def database_tls(settings: dict[str, t.Any]) -> dict[str, t.Any]:
    """What a client's container is given for TLS to the database."""
    return {
        "ca": files(settings).get("WA_DB_SSL_CA", ""),
        "env": environment(settings),
        "volumes": volumes(settings),
    }


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"database_tls": database_tls}
