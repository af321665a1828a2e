# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much is going to be collected on each host, and what speaks against it. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.room import megabytes, no_room

COLUMNS = ("host", "there is", "collected", "left out")
# On a host: the archive, the ends of its logs before they are masked and after.
_COPIES = 3


def plan(facts: Facts) -> dict[str, t.Any]:
    """The sizes, the hosts that are collected from, and what is said of each host in the index."""
    sizes = {host: found for host, found in facts.logs.items() if "size" in found}
    rows = [
        {
            "host": host,
            "there is": megabytes(found["size"]),
            "collected": megabytes(found["taken"]),
            "left out": f"parts of {len(found['cut'])} log(s)" if found["cut"] else "nothing",
        }
        for host, found in sorted(sizes.items())
    ]
    unread = {host: _reason(facts.logs.get(host)) for host in facts.topology["services"] if host not in sizes}
    notes = {host: _notes(found) for host, found in sizes.items()} | {host: [text] for host, text in unread.items()}
    found = judgement(_findings(sizes))
    limit = facts.setting("logs_limit_mb")
    total = sum(one["taken"] for one in sizes.values())
    last = f"{megabytes(total)} before compression, at most {limit} MB of each host (wabiz_logs_limit_mb)."
    missing = [f"{host}: {text}" for host, text in sorted(unread.items())]
    refused = [f"Refused: {text}" for text in found["refusals"]]
    text = [*table.render(COLUMNS, rows), *missing, last, *refused]
    return {**found, "hosts": sorted(sizes), "notes": notes, "size": total, "text": text}


def _reason(found: t.Mapping[str, t.Any] | None) -> str:
    """Why there is nothing of a host."""
    if found is None:
        return "not asked."
    message = " ".join(str(found.get("msg") or "no answer").split())
    return f"nothing is collected: {message.rstrip('.')}."


def _notes(found: t.Mapping[str, t.Any]) -> list[str]:
    cut = [f"Only the end, or nothing, of: {', '.join(found['cut'])}"] if found["cut"] else []
    return [*cut, *found["problems"]]


def _findings(sizes: t.Mapping[str, t.Mapping[str, t.Any]]) -> t.Iterator[Finding]:
    if not sizes:
        yield Finding("", "No host can be looked at.", "Check the connection to the hosts.")
    for host, found in sizes.items():
        yield from no_room(host, "the collection of logs", _COPIES * found["taken"], found["free"], "/var/lib")
