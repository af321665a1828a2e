# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster shall look like, and what is missing for it; the gate of all playbooks. Pure functions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import PRIMARY_MASTER, Health, Node
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.cluster_faults import REGISTER, START_CLUSTER
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


@dataclass(frozen=True)
class Expectation:
    """What a cluster shall look like; None means that it does not matter.

    C(masters) and C(coreapps) are minimum counts of answering nodes, C(hosts) names the hosts of these nodes (once per
    node), C(shards) is the exact count of connected coreapps, C(max_errors) the highest count of nodes with errors.
    Before registration nodes with nothing but error 1011 are present, not failing, and C(shards) is not checked.
    """

    masters: int | None = None
    coreapps: int | None = None
    shards: int | None = None
    registered: bool | None = None
    primary_masters: int = 1
    max_errors: int = 0
    hosts: tuple[str, ...] = ()


def _unmet(expectation: str, wanted: str, found: str, remedy: str) -> Finding:
    return Finding(expectation, f"wanted {wanted}, found {found}.", remedy)


def evaluate(health: Health, wanted: Expectation) -> list[Finding]:
    """Return what is missing for the expectation, each named by a part of it; an empty list means that it holds."""
    if health.single:
        return [_unmet("cluster", "a map of nodes", str(health), START_CLUSTER)]
    unmet = _registration(health, wanted) + _primary(health, wanted)
    if health.registered:
        unmet += _counts(health, wanted) + _connected(health, wanted)
    else:
        unmet += _counts_before_registration(health, wanted)
    return unmet + _hosts(health, wanted) + _errors(health, wanted)


def _registration(health: Health, wanted: Expectation) -> list[Finding]:
    found = health.registered
    if found is None:
        remedy = "Wait for the primary master; if that does not change, check the masters' logs and the database."
        goal = {None: "known", True: "registered", False: "unregistered"}[wanted.registered]
        return [_unmet("registration", goal, "unknown to all nodes", remedy)]
    if wanted.registered is None or wanted.registered == found:
        return []
    if wanted.registered:
        return [_unmet("registration", "registered", "unregistered", REGISTER)]
    remedy = "A number is registered already; this step is for a new cluster only."
    return [_unmet("registration", "unregistered", "registered", remedy)]


def _primary(health: Health, wanted: Expectation) -> list[Finding]:
    primaries = health.with_role(PRIMARY_MASTER)
    if len(primaries) == wanted.primary_masters:
        return []
    remedy = "Check the masters' logs, and that all masters use one database and that their ports answer."
    return [_unmet("primary_masters", str(wanted.primary_masters), _listing(primaries), remedy)]


_MISSING = "Check that the containers run and that their published ports are reachable from the other hosts."


def _counts(health: Health, wanted: Expectation) -> list[Finding]:
    pairs = (("masters", wanted.masters, health.masters), ("coreapps", wanted.coreapps, health.coreapps))
    return [
        _unmet(what, f"at least {count}", _listing(nodes), _MISSING)
        for what, count, nodes in pairs
        if count is not None and len(nodes) < count
    ]


def _counts_before_registration(health: Health, wanted: Expectation) -> list[Finding]:
    """A node with error 1011 does not report its role, so it may stand for a master or for a coreapp."""
    missing_masters = max(0, (wanted.masters or 0) - len(health.masters))
    missing_coreapps = max(0, (wanted.coreapps or 0) - len(health.coreapps))
    waiting = [node for node in health.nodes if node.not_ready]
    if missing_masters + missing_coreapps <= len(waiting):
        return []
    goal = " and ".join(
        f"{count} {what}" for count, what in ((wanted.masters, "masters"), (wanted.coreapps, "coreapps")) if count
    )
    return [_unmet("nodes", f"at least {goal}", _listing(health.masters + health.coreapps + waiting), _MISSING)]


def _connected(health: Health, wanted: Expectation) -> list[Finding]:
    connected = health.connected_coreapps
    if wanted.shards is None or len(connected) == wanted.shards:
        return []
    if len(connected) < wanted.shards:
        remedy = (
            "Check that coreapps reach g.whatsapp.net (5222 or 443) and that at least as many run as there are shards."
        )
    else:
        remedy = "Compare with wabiz.onprem.shards_info; a second cluster on this number would get it banned."
    return [_unmet("shards", f"exactly {wanted.shards} connected coreapps", _listing(connected), remedy)]


def _hosts(health: Health, wanted: Expectation) -> list[Finding]:
    present = Counter(node.host for node in health.nodes if node.host and _counts_as_present(node, health))
    missing = Counter(wanted.hosts) - present
    if not missing:
        return []
    found = ", ".join(f"{host} ({count})" for host, count in sorted(present.items())) or "none"
    goal = ", ".join(f"{host} ({wanted.hosts.count(host)})" for host in sorted(missing))
    return [_unmet("hosts", f"nodes on {goal}", found, _MISSING)]


def _counts_as_present(node: Node, health: Health) -> bool:
    return not node.errors or (node.not_ready and not health.registered)


def _errors(health: Health, wanted: Expectation) -> list[Finding]:
    bad = [node for node in health.failing if not _counts_as_present(node, health)]
    if len(bad) <= wanted.max_errors:
        return []
    goal = "none" if wanted.max_errors == 0 else f"at most {wanted.max_errors}"
    return [_unmet("errors", goal, _listing(bad), "Check the log of each node that is listed.")]


def _listing(nodes: list[Node]) -> str:
    return f"{len(nodes)} ({'; '.join(str(node) for node in nodes)})" if nodes else "0"
