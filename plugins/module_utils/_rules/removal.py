# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node that the inventory does not name is removed next, by the health of this moment. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

Dict = t.Mapping[str, t.Any]
Choice = tuple[Dict, "Finding | None", bool]


def next_removal(surplus: t.Sequence[Dict], nodes: t.Sequence[Dict], shards: int) -> Choice:
    """The container to be removed now, what speaks against it, and whether a shard is without service after it.

    Coreapps go first, then masters, the primary last, then webapps. ValueError where there is no surplus.
    """
    by_service = {service: [one for one in surplus if one["service"] == service] for service in _RULES}
    for service, rule in _RULES.items():
        if by_service[service]:
            return rule(by_service[service], nodes, shards)
    raise ValueError("there is no surplus")


def _coreapp(surplus: t.Sequence[Dict], nodes: t.Sequence[Dict], shards: int) -> Choice:
    by_id = {item["id"]: item for item in surplus}
    chosen, objection = capacity.next_removal(capacity.coreapps(nodes), list(by_id), shards)
    return by_id[chosen.name], objection, objection is None and chosen.serves


def _master(surplus: t.Sequence[Dict], nodes: t.Sequence[Dict], _shards: int) -> Choice:
    answering = {
        node["container_id"]: node["role"]
        for node in nodes
        if not node["errors"] and str(node["role"]).endswith("_master")
    }
    chosen = min(surplus, key=lambda item: (answering.get(item["id"]) == "primary_master", item["host"], item["name"]))
    if answering.keys() - {chosen["id"]}:
        return chosen, None, False
    return chosen, Finding("", f"without {chosen['name']} no master would be left."), False


def _webapp(surplus: t.Sequence[Dict], _nodes: t.Sequence[Dict], _shards: int) -> Choice:
    """The health does not name webapps; that those of the inventory serve was seen before."""
    return min(surplus, key=lambda item: (item["host"], item["name"])), None, False


_RULES: dict[str, t.Callable[[t.Sequence[Dict], t.Sequence[Dict], int], Choice]] = {
    "coreapp": _coreapp,
    "master": _master,
    "webapp": _webapp,
}
