# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When messages are collected, how often, and what came of it. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.json_text import decode
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig

# Above that one collection may not be enough.
SEVERAL_COLLECTIONS = 10_000_000

Dict = t.Mapping[str, t.Any]


def rounds(messages: int | None, above: int, most: int) -> int:
    """How often the collection may be started; an unknown number of messages is taken for a large one."""
    if messages is not None and messages <= above:
        return 0
    return most if messages is not None and messages > SEVERAL_COLLECTIONS else 1


def verdict(collected: Dict, callbacks: str, above: int) -> dict[str, t.Any]:
    """Whether a further collection is needed, and what came of this one.

    C(collected) is the result of M(wabiz.onprem.message_gc), C(callbacks) what the site's command printed: a JSON list
    of what the client sent to the webhook; empty where the site has none, then the number of messages alone counts.
    """
    nodes = collected.get("nodes") or {}
    before, after = collected.get("messages_before"), collected.get("messages_after")
    # A number that no longer falls will not fall by another collection either.
    falling = before is not None and after is not None and above < after < before
    found: dict[str, t.Any] = {"again": falling, "failed": [], "missing": [], "problem": ""}
    if callbacks and nodes:
        answers = _answers(callbacks)
        if answers is None:
            found["problem"] = "What was printed for the callbacks is no JSON list."
        else:
            failed = sorted(name for name, status in answers.items() if status == "failed")
            missing = sorted(set(nodes) - set(answers)) if "" not in answers else []
            found |= {"again": bool(failed), "failed": failed, "missing": missing}
    return {**found, "text": _text(collected, found)}


def _answers(text: str) -> dict[str, str] | None:
    """By node, the last status that it sent; a client that is no multiconnect names none. None for no JSON list."""
    try:
        said = decode(text)
    except ValueError:
        return None
    if not isinstance(said, list):
        return None
    entries = [entry for one in said for entry in _entries(one)]
    return {str(entry.get("node") or ""): str(entry["status"]) for entry in entries if "status" in entry}


def _entries(callback: t.Any) -> list[Dict]:
    services = dig(callback, "services")
    found = [dig(one, "message", "gc") for one in (services if isinstance(services, list) else [])]
    return [one for one in found if isinstance(one, dict)]


def _text(collected: Dict, found: Dict) -> list[str]:
    if "skipped_reason" in collected:
        return [f"Nothing was collected: {collected['skipped_reason']}."]
    before, after = (collected.get(f"messages_{when}") for when in ("before", "after"))
    lines = [f"Messages before: {_number(before)}, after: {_number(after)}."]
    if found["failed"]:
        lines.append(f"The collection failed on {', '.join(name or 'the coreapp' for name in found['failed'])}.")
    if found["missing"]:
        lines.append(f"No callback came from {', '.join(found['missing'])}.")
    return [*lines, *([found["problem"]] if found["problem"] else [])]


def _number(value: int | None) -> str:
    return "unknown" if value is None else str(value)
