# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a cluster is as it should be: all findings, critical ones first, as data, text and one line. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.lock import held
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verify import api, hosts, operations
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verify.look import Findings, Look
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import merged

_LONGEST_LINE = 1000

CHECKS: tuple[t.Callable[[Look], Findings], ...] = (
    *(hosts.hosts, hosts.services, hosts.unread, hosts.nodes, hosts.surplus, hosts.versions, hosts.images),
    *(hosts.disks, hosts.media, hosts.probe, hosts.log_cleanup, hosts.certificates),
    *(hosts.database, api.health, api.roles, api.others, api.registration, api.webapps, api.certificates, api.expiry),
    *(api.unknown, operations.balanced, operations.lock, operations.leftovers),
)


def plan(facts: Facts) -> dict[str, t.Any]:
    """All findings, critical ones first, as data, as text and in one line for Nagios."""
    look = Look(facts)
    found = sorted(merged(one for check in CHECKS for one in check(look)), key=lambda one: not one.fatal)
    critical, warnings = ([str(one) for one in found if one.fatal is fatal] for fatal in (True, False))
    state = "CRITICAL" if critical else "WARNING" if warnings else "OK"
    notes = _notes(look)
    return {
        "cluster": facts.topology["cluster"],
        "state": state,
        "line": _line(state, [*critical, *warnings] or notes, len(critical), len(warnings)),
        "critical": critical,
        "warnings": warnings,
        "notes": notes,
        "findings": [one.as_dict() for one in found],
        "webapps": list(facts.snapshot.get("webapps") or []),
        "shards": facts.shards,
        "version": facts.health.get("version"),
        "days_left": facts.support.get("days_left"),
        "lock": dict(look.lock),
        "text": [
            f"Cluster {facts.topology['cluster']}: {state}",
            *(f"Critical: {text}" for text in critical),
            *(f"Warning: {text}" for text in warnings),
            *notes,
        ],
    }


def _notes(look: Look) -> list[str]:
    """What is to be known and is no fault."""
    summary = look.cluster.summary
    running = sum(bool(container.get("running")) for _node, container in look.nodes)
    notes = [f"{running} of {len(look.facts.topology['nodes'])} nodes run"]
    if summary.get("registered"):
        shards = "an unknown number of" if look.facts.shards is None else look.facts.shards
        notes.append(f"{summary.get('connected_coreapps')} coreapps are connected for {shards} shards")
    if look.in_use:
        notes.append(f"in use by {held(look.lock)}")
    return notes


def _line(state: str, texts: t.Sequence[str], critical: int, warnings: int) -> str:
    """Nagios takes one line, with figures behind the first vertical bar."""
    said = " ".join("; ".join(texts).replace("|", "/").split())
    shown = said if len(said) <= _LONGEST_LINE else f"{said[:_LONGEST_LINE]}..."
    return f"WABIZ {state} - {shown} | critical={critical} warning={warnings}"
