# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against any rotation: it goes by what all hosts say, has a record, and reaches the inventory's nodes."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import host_faults, inventory_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

Container = t.Mapping[str, t.Any]


def findings(
    facts: Facts, pending: t.Iterable[Container], file: str, read: t.Callable[[str | None], t.Any]
) -> t.Iterator[Finding]:
    """C(pending) are the containers that are to change; C(read) reads the record in C(file), or raises Unfit."""
    nodes = facts.topology["nodes"]
    # A host that was not looked at may run a node that has the old secret.
    yield from host_faults.unusable(facts.surveys, dict.fromkeys(node["host"] for node in nodes))
    try:
        read(facts.record)
    except Unfit as unfit:
        yield Finding(file, unfit.problem, unfit.remedy)
    # One that no run replaces would keep the old secret, and the rotation would never end.
    named = {(node["host"], node["name"]) for node in nodes}
    for one in pending:
        if (one["host"], one["name"]) not in named:
            yield inventory_faults.surplus(one, fatal=True)
