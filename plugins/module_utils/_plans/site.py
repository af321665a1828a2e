# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What site.yml is going to compare in full, and why. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans import survival, table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts

COLUMNS = ("host", "part", "reason")
_RESTART = "the server is made anew, and the nodes are without a database meanwhile"
_GATE = "wabiz_allow_database_change"
# How a container that was stopped or paused differs.
_ONLY_STOPPED = ("running: ", "paused: ")
NOTHING = "Nothing to do: no host has changed since the last run or differs from the inventory."


def plan(facts: Facts) -> dict[str, t.Any]:
    """A step for each part of a host that differs; the run compares it in full and brings it to what is wanted.

    The database's server is compared before: a step that would take it from a live cluster names its C(gate).
    """
    restarts = dict(_restarts(facts))
    steps: list[dict[str, t.Any]] = []
    for host, named in facts.due.items():
        for part, reason in named.items():
            step = {"host": host, "what": part, "why": reason}
            if part == "database" and host in restarts:
                step |= {"why": f"{_RESTART}: {restarts[host]}", "gate": _GATE}
            steps.append(step)
    rows = [{"host": step["host"], "part": step["what"], "reason": step["why"]} for step in steps]
    found = survival.survival(facts.topology.get("nodes") or (), facts.shards or facts.setting("shards") or 1)
    afterwards = ["", *(f"Afterwards: {line}." for line in survival.lines(found))]
    text = [*table.render(COLUMNS, rows), *afterwards] if rows else [NOTHING]
    return {**found, "steps": steps, "text": text, "refusals": list(_refusals(facts, restarts))}


def _restarts(facts: Facts) -> t.Iterator[tuple[str, str]]:
    """The hosts whose server has other settings, and which; one that has only stopped is started, which is none."""
    for host, resources in facts.compared.items():
        for one in resources:
            differing = [line for line in one.get("differences", ()) if not line.startswith(_ONLY_STOPPED)]
            if one["kind"] == "container" and one["state"] == "changed" and differing:
                yield host, "; ".join(differing)


def _refusals(facts: Facts, restarts: t.Mapping[str, str]) -> t.Iterator[str]:
    if facts.setting("allow_database_change") or not _live(facts):
        return
    for host, found in restarts.items():
        yield (
            f"{host}: the database server has other settings, and would be made anew, while the nodes are without a "
            f"database: {found}. "
            f"Set the old values again, or accept that the server is replaced, with {_GATE}: true."
        )


def _live(facts: Facts) -> bool:
    """Whether a node of the cluster runs, as far as the hosts were looked at."""
    ours = facts.topology["cluster"]
    reports = (report.get("containers") or () for report in facts.surveys.values())
    return any(one["cluster"] == ours and one["node"] and one["running"] for found in reports for one in found)
