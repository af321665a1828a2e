# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of an upgrade: what will happen, what it costs, what speaks against it. Pure functions, no I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.checks import findings, left_behind
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.order import Row, replacements, shortened
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.situation import Situation, Wish
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import hops
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement

COLUMNS = ("step", "what", "where", "reason", "capacity left", "expected")
# Estimates, in seconds.
BACKUP_SECONDS = (2, 30)
PULL_SECONDS = (10, 300)
CALL_SECONDS = (1, 10)
POINT_OF_NO_RETURN = "POINT OF NO RETURN: "


def plan(found: Situation) -> dict[str, t.Any]:
    """The plan as data; `text` is its rendering."""
    try:
        versions.parse(found.wish.version)
    except ValueError as error:
        return _unreadable(found.wish, str(error))
    steps = [{"step": number, **row} for number, row in enumerate(_steps(found) if found.needed else [], 1)]
    heartbeat, unhealthy = shortened(found)
    result: dict[str, t.Any] = {
        "version": found.wish.version,
        "previous_versions": found.previous_versions,
        "needed": found.needed,
        "unfinished": bool(found.record),
        "rollback": bool(found.newer),
        "registered": found.registered,
        "shards": found.shards,
        "steps": steps,
        "point_of_no_return": next((row["step"] for row in steps if row["point_of_no_return"]), 0),
        "dbupgrade": found.dbupgrade,
        "schema_moved": found.schema_moved,
        "predicted_seconds": _migration_seconds(found),
        "messages": found.messages,
        "gc": found.collections > 0,
        "gc_rounds": found.collections,
        "database_backup": found.saves_database,
        "ownership": found.ownership,
        "heartbeat": {
            "change": (heartbeat, unhealthy) != (found.heartbeat, found.unhealthy),
            "wanted": {"heartbeat_interval": heartbeat, "unhealthy_interval": unhealthy},
            "original": {"heartbeat_interval": found.heartbeat, "unhealthy_interval": found.unhealthy},
        },
        "nodes": [member.as_dict() for member in found.members],
        "half_done": [{**member.as_dict(), "problem": member.problem} for member in found.half_done],
        "record": found.note(),
        **judgement(findings(found) if found.needed else left_behind(found)),
    }
    return {**result, "text": render(found, result)}


def _unreadable(wish: Wish, problem: str) -> dict[str, t.Any]:
    refused = [str(Finding("", f"{problem}.", variable="wabiz_version"))]
    nothing = {"needed": False, "unfinished": False, "steps": [], "warnings": []}
    return {"version": wish.version, **nothing, "refusals": refused, "text": refused}


def _migration_seconds(found: Situation) -> float | None:
    """Predicted from the number of rows alone; None where nothing is migrated or the number is not known."""
    if not found.migrates or found.messages is None:
        return None
    return round(found.messages / found.wish.rows_per_second, 1)


# --- the steps --------------------------------------------------------------------------------------------------------


def _steps(found: Situation) -> list[Row]:
    """Every step in its order, the point of no return marked."""
    moved = replacements(found)
    before = _preparation(found)
    if found.dbupgrade:
        before.append(_dbupgrade(found))
    heartbeat = bool(found.registered) and (found.heartbeat, found.unhealthy) != shortened(found)
    if heartbeat:
        before.append(
            _call("shorten the heartbeat intervals", f"unhealthy {found.unhealthy} s -> {shortened(found)[1]} s")
        )
    after = [_call("restore the heartbeat intervals", f"unhealthy {found.unhealthy} s")] if heartbeat else []
    if found.ownership:
        where = f"{found.ownership['host']}, unit {found.ownership['unit']}"
        asked = "wabiz_upgrade_ownership_fix"
        reason = next((rule.text for rule in found.rules if rule.effect == hops.OWNERSHIP), asked)
        after.append(
            _row("change the owner of the media directories to root, in the background", where, reason, CALL_SECONDS)
        )
    after.append(_row("verify", "the cluster", "every node, shards, versions", CALL_SECONDS))
    if found.migrated_by_master:
        _mark_migration(found, moved)
    return [{**row, "expected": _span(row["seconds"])} for row in (*before, *moved, *after)]


def _preparation(found: Situation) -> list[Row]:
    rows = [_call("back up the settings", "before anything changes", BACKUP_SECONDS)] if found.registered else []
    if found.saves_database:
        rows.append(_row("back up the database", *found.wish.database_backup, (0, 0)))
    if found.collections:
        rows.append(_row("collect garbage", "every coreapp", f"{found.messages or '?'} messages", (0, 0)))
    without = [
        host
        for host, report in sorted(found.reports.items())
        if any(where != "local" for where in (report.get("images") or {}).values())
    ]
    if without:
        where = ", ".join(without) if len(without) < 4 else f"{len(without)} hosts"
        rows.append(_row("pull the images", where, "running containers are not changed", PULL_SECONDS))
    return rows


def _dbupgrade(found: Situation) -> Row:
    seconds = int(_migration_seconds(found) or 0)
    row = _row(f"{POINT_OF_NO_RETURN}dbupgrade", "one host", _basis(found), (seconds, 2 * seconds), "all shards")
    return {**row, "point_of_no_return": True}


def _basis(found: Situation) -> str:
    rows = "an unknown number of" if found.messages is None else found.messages
    return f"{rows} messages, {found.wish.rows_per_second} rows/s assumed"


def _mark_migration(found: Situation, rows: list[Row]) -> None:
    """Any master of the new version may become primary, and then it migrates; the last one at the latest."""
    masters = [row for row in rows if row["service"] == "master"]
    first, last = masters[0], masters[-1]
    first["what"] = f"{POINT_OF_NO_RETURN}{first['what']}"
    first["point_of_no_return"] = True
    seconds = int(_migration_seconds(found) or 0)
    last["capacity left"] += ", no shard is served while the new primary migrates"
    last["seconds"] = [last["seconds"][0] + seconds, last["seconds"][1] + 2 * seconds]


def _call(what: str, reason: str, seconds: tuple[int, int] = CALL_SECONDS) -> Row:
    return _row(what, "through the API", reason, seconds)


def _row(what: str, where: str, reason: str, seconds: t.Sequence[int], left: str = "") -> Row:
    return {
        "what": what,
        "where": where,
        "reason": reason,
        "capacity left": left,
        "seconds": list(seconds),
        "away": [0, 0],
        "service": "",
        "point_of_no_return": False,
    }


def _span(seconds: t.Sequence[int]) -> str:
    low, high = seconds
    if not high:
        return "unknown"
    return f"{low} s" if low == high else f"{low} to {high} s"


# --- how it is shown --------------------------------------------------------------------------------------------------


def render(found: Situation, result: Dict) -> list[str]:
    """The plan as lines of text."""
    previous = ", ".join(result["previous_versions"]) or "unknown"
    if not result["needed"]:
        lines = [f"Nothing to do: every node runs {found.wish.version}."]
        if result["unfinished"]:
            lines.append("Leftovers of an interrupted upgrade are cleaned up.")
        return [*lines, *(f"Warning: {text}" for text in result["warnings"])]
    verb = "Rollback from" if result["rollback"] else "Upgrade from"
    lines = [f"{verb} {previous} to {found.wish.version}", "", *table.render(COLUMNS, result["steps"]), ""]
    lines += [*_duration(result), *_service_lines(found, result), *_return_lines(found, result)]
    lines += [f"Warning: {text}" for text in result["warnings"]]
    return [*lines, *(f"Refused: {text}" for text in result["refusals"])]


def _duration(result: Dict) -> list[str]:
    low, high = (sum(row["seconds"][index] for row in result["steps"]) for index in (0, 1))
    return [f"Expected: {low / 60:.0f} to {high / 60:.0f} minutes; times are estimates, not measured on this cluster."]


def _service_lines(found: Situation, result: Dict) -> list[str]:
    outages = [row["away"] for row in result["steps"] if row["away"][1]]
    lines = []
    if outages:
        window = _span([min(low for low, _high in outages), max(high for _low, high in outages)])
        lines.append(f"Without service: {len(outages)} times one shard, {window} each; the others are served.")
    elif found.registered and not found.migrated_by_master:
        lines.append("Without service: no shard.")
    if found.migrated_by_master:
        seconds = result["predicted_seconds"]
        length = "for an unknown time" if seconds is None else f"for about {seconds:g} s"
        lines.append(f"Without service: every shard {length}, while the first new primary master migrates.")
        lines.append(f"That time is an estimate: {_basis(found)}.")
    return lines


def _return_lines(found: Situation, result: Dict) -> list[str]:
    if found.schema_upgraded:
        return ["The schema is upgraded already: a rollback needs a restored database backup (docs/upgrade.md)."]
    number = result["point_of_no_return"]
    if not number:
        return []
    old = ", ".join(result["previous_versions"])
    return [
        f"Point of no return: step {number}. Before it: rollback with wabiz_version {old}; "
        "after it: restore the database backup (docs/upgrade.md)."
    ]
