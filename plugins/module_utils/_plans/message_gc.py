# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether old messages are removed, how often the collection may be started, and what speaks against it. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import inventory_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement, noted
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.message_gc import rounds
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.interrupted_upgrade import migrating


def plan(facts: Facts) -> dict[str, t.Any]:
    """C(rounds) is how often the collection may be started in this run; 0 where there is nothing to do."""
    messages, above = facts.stats.get("messages"), facts.setting("message_gc_above")
    count = rounds(messages, above, facts.setting("message_gc_runs"))
    found = judgement(_findings(facts, count))
    if count == 0:
        text = [f"Nothing to do: {messages} messages are not more than {above} (wabiz_message_gc_above)."]
    else:
        times = "once" if count == 1 else f"up to {count} times, as long as messages become fewer"
        within = f", within {window}" if (window := facts.setting("message_gc_window")) else ""
        there = "An unknown number of messages is taken for" if messages is None else f"{messages} messages are"
        text = [f"{there} more than {above}: old ones are removed {times}{within}."]
        text.append("It is not started where it was within the last 24 hours (wabiz_message_gc_force: true overrules).")
    return {**found, "messages": messages, "rounds": count, "text": [*text, *noted(found)]}


def _findings(facts: Facts, count: int) -> t.Iterator[Finding]:
    yield from migrating(facts.topology["cluster"], facts.surveys)
    if unfit := list(inventory_faults.not_in_use(facts.health)):
        yield from unfit
    elif facts.stats.get("messages") is None:
        reason = str(facts.stats.get("msg") or "no node reports it.")
        yield Finding(
            "", f"The number of messages is not known: {reason}", "Check the primary master and the database."
        )
    elif count:
        yield from inventory_faults.unread_messages(bool(facts.setting("message_gc_read")))
