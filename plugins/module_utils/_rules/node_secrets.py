# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the client's secrets a node has, against those that the inventory wants."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.fingerprint import matches
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES

# Which services have a secret, in the order in which their nodes are replaced.
OWNERS = {"api_key": ("webapp",), "jwt_key": ("webapp",), "secret": SERVICES}


def differing(settings: t.Mapping[str, t.Any], container: t.Mapping[str, t.Any]) -> list[str]:
    """The secrets of which a node has another one; C(container) is host_info's. What was not read is not compared."""
    there = container.get("secrets") or {}
    return [
        name
        for name, services in OWNERS.items()
        if container["node"] in services
        and name in settings
        and name in there
        and _differs(settings[name], there[name])
    ]


def _differs(wanted: str | None, there: str) -> bool:
    return not matches(wanted, there) if wanted is not None else bool(there)
