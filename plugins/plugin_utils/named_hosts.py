# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host says of a directory on it, where a variable names the host and it is in no group of the cluster."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import replace

from ansible.errors import AnsibleError
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.conversion import convert
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import PREFIX, Variable


def differing(
    inventory: Inventory, wanted: list[Variable], hostvars: Mapping[str, Mapping[str, t.Any]]
) -> t.Iterator[Finding]:
    """The settings of such a host are not read, so that its own value would be ignored."""
    for variable in wanted:
        host = inventory.value(variable.host.removeprefix(PREFIX)) if variable.host else None
        if not host or host in inventory.variables or host not in hostvars:
            continue
        own, used = _given(variable, hostvars[host]), inventory.value(variable.key)
        if own is not None and own != used:
            counts = f"{used} of the cluster's hosts" if used else "that of the cluster's hosts, which have none,"
            yield Finding(
                host,
                f"is {own} there, and {counts} counts for the whole run.",
                "Set it once, for all hosts.",
                variable=variable.name,
            )


def _given(variable: Variable, variables: Mapping[str, t.Any]) -> t.Any:
    """The value among a host's own variables; None where there is none."""
    if variable.name not in variables:
        return None
    try:
        return convert(replace(variable, default=None), variables[variable.name])
    except (AnsibleError, Unfit, RecursionError):
        return "a value that cannot be used"
