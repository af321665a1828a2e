# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether unused media are removed, and what speaks against it. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import inventory_faults, media_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement, noted


def plan(facts: Facts) -> dict[str, t.Any]:
    """C(rounds) is 1 where the collection is started, 0 where there is nothing to do; C(free_gb) is the least that a
    host sees, None where none sees any.
    """
    below, free = facts.setting("media_gc_below_gb"), _free_gb(facts)
    idle = _nothing_to_do(facts, below, free)
    findings = list(_findings(facts))
    if not (idle or findings or below is None) and free is None:
        findings.append(_unknown(facts.setting("media_path")))
    found = judgement(findings)
    text = [f"Nothing to do: {idle}"] if idle else _told(below, free)
    return {**found, "free_gb": free, "rounds": int(not idle), "text": [*text, *noted(found)]}


def _free_gb(facts: Facts) -> float | None:
    """The least, as hosts may have different directories; None where they are in volumes, or not there."""
    looks = [report.get("media") or {} for report in facts.surveys.values()]
    spaces = [media["free"] for media in looks if media.get("free") is not None]
    return min(spaces) / 1e9 if spaces else None


def _nothing_to_do(facts: Facts, below: float | None, free: float | None) -> str:
    if facts.setting("media_shared") is False:
        return "wabiz_media_shared: false says that the cluster has no media messages."
    if below is not None and free is not None and free >= below:
        return f"{free:.1f} GB are free for media, not less than {below:g} (wabiz_media_gc_below_gb)."
    return ""


def _told(below: float | None, free: float | None) -> list[str]:
    space = "An unknown amount of space is" if free is None else f"{free:.1f} GB are"
    limit = "" if below is None else f", less than {below:g} (wabiz_media_gc_below_gb)"
    return [
        f"{space} free for media{limit}: media that were not used for 30 days are removed.",
        "The primary master does it; your webhook tells its end (items_deleted).",
    ]


def _findings(facts: Facts) -> t.Iterator[Finding]:
    yield from inventory_faults.not_in_use(facts.health)
    for host, report in facts.surveys.items():
        yield from media_faults.unfit(host, facts.topology["cluster"], report)


def _unknown(path: str | None) -> Finding:
    """Without the free space a limit means nothing."""
    why = f"no host has {path}" if path else "they are in a Docker volume"
    remedy = "Check wabiz_media_path." if path else "Leave wabiz_media_gc_below_gb blank, to remove them in each run."
    return Finding("", f"The free space for media is not known: {why}.", remedy)
