# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether nodes may still use a database server that is to be removed, as far as names and addresses tell. No I/O.

A node knows its server by one name or address. That may be an alias of any host, so a node counts as a user of the
old server until its name leads to a host that keeps one.
"""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import canonical, is_address
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def findings(
    host: str, old: t.Collection[str], kept: t.Collection[str], nodes: t.Mapping[str, str], confirmed: bool
) -> t.Iterator[Finding]:
    """What speaks against the removal of the server on C(host), which is known as C(old).

    C(kept) are the names and addresses of the hosts that keep a server, C(nodes) the database host of each running
    node. C(confirmed) says that the operator has looked where a name leads that says nothing by itself.
    """
    # A name of both says nothing.
    here, others = _same(old) - _same(kept), _same(kept) - _same(old)
    elsewhere = {node for node, used in nodes.items() if _same([used]) & others}
    users = [node for node, used in nodes.items() if node not in elsewhere and _leads_to(used, here)]
    if users:
        problem = f"its database server is still used by {', '.join(sorted(users))}."
        yield Finding(host, problem, "Move the databases first: docs/operations.md.")
    elsewhere |= {node for node, used in nodes.items() if _leads_to(used, others)}
    unknown = nodes.keys() - elsewhere - {*users}
    if unknown and not confirmed:
        named = sorted({nodes[node] or "a database that cannot be read" for node in unknown})
        yield Finding(
            host,
            f"its database server may still be used: {', '.join(sorted(unknown))} use {', '.join(named)}, which the "
            "inventory does not show to be another server.",
            f"Find out which server that is: docs/operations.md. If it is another one, confirm that with "
            f"wabiz_retire_database: {host}. If not, move the databases first.",
        )


def _same(names: t.Iterable[str]) -> set[str]:
    """Names and addresses, each in the one way in which it is compared."""
    return {canonical(name) if is_address(name) else name.lower().rstrip(".") for name in names} - {""}


def _leads_to(used: str, names: t.Collection[str]) -> bool:
    """Whether a name is one of these, with or without its domain: db1 is db1.example.net."""
    if is_address(used):
        return canonical(used) in names
    own = f"{used.lower().rstrip('.')}."
    known = [f"{name}." for name in names if not is_address(name)]
    return len(own) > 1 and any(own.startswith(name) or name.startswith(own) for name in known)
