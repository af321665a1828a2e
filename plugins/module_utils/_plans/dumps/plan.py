# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What database_backup.yml and database_restore.yml are going to do, and what upgrade.yml dumps before. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import bracketed
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import database_dump as rules
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import host_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement, noted
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.interrupted_upgrade import migrating
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.restored import half_restored
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.room import megabytes

_DATABASES = ("database", "now", "then")
_DUMPS = ("dump", "created", "size", "server", "note")


def backup(facts: Facts) -> dict[str, t.Any]:
    """The plan of a dump."""
    look = look_of(facts)
    findings = [*backup_findings(facts), *interrupted(facts)]
    lines: list[str] = []
    if look:
        rows = [
            {"database": one["name"], "now": megabytes(one["bytes"]), "then": "dumped"} for one in look["databases"]
        ]
        lines = [*table.render(_DATABASES, rows), "", *source(facts), f"Dumped to {target(facts)}: {_room(look)}."]
        lines += _pruned(facts, look)
    return _told(findings, lines, target(facts))


def restore(facts: Facts) -> dict[str, t.Any]:
    """The plan of a restore; where no dump is named it shows which there are, and C(name) is empty."""
    look, name = look_of(facts), facts.setting("database_restore_from") or ""
    found = asked(facts)
    if not look or not name:
        return {"name": "", **_told(found, _listed(look) if look else [], target(facts))}
    findings = [*found, *running(facts)]
    dump = next((one for one in look["dumps"] if one["name"] == name), None)
    if dump is None:
        return {"name": name, **_told([*findings, _unknown(facts, name)], _listed(look), target(facts))}
    present = {one["name"]: one["bytes"] for one in look["databases"]}
    prefix, user = facts.setting("database_prefix"), facts.setting("database_user") or ""
    findings += rules.before_restore(_place(facts)["host"], look, dump, prefix, user)
    findings += [*_unconfirmed(facts, [one for one in dump["databases"] if one in present]), *disk(facts, look, dump)]
    rows = [{"database": one, **change(one, present, dump)} for one in sorted({*present, *dump["databases"]})]
    origin = f"Restored from {target(facts)}/{name}, {_said(dump)}."
    lines = [*table.render(_DATABASES, rows), "", *source(facts), origin]
    return {"name": name, **_told(findings, lines, target(facts))}


def target(facts: Facts) -> str:
    """Host and directory of the dumps."""
    return f"{_place(facts).get('host') or 'no host'}:{_place(facts).get('directory') or facts.setting('dumps')}"


def expected(facts: Facts) -> str:
    """How much there is to dump, for the plan of an upgrade."""
    look = look_of(facts)
    return f"at most {megabytes(rules.size(look))}" if look else "size unknown"


def backup_findings(facts: Facts) -> list[Finding]:
    """What speaks against a dump."""
    look, host = look_of(facts), _place(facts).get("host", "")
    found = asked(facts)
    if look:
        directory = facts.setting("backup_transit") or _place(facts).get("directory", "")
        found += rules.before_dump(host, look, facts.setting("database_prefix"), directory, look["free"])
    return found


def _place(facts: Facts) -> Dict:
    return facts.dump_place


def look_of(facts: Facts) -> Dict:
    """What the server and the directory hold; empty where that could not be asked for."""
    return facts.databases if "server" in facts.databases else {}


def asked(facts: Facts) -> list[Finding]:
    """Why the server could not be asked."""
    # Each of them is a sentence with its remedy.
    refused = [Finding("", line) for line in _place(facts).get("refusals") or []]
    if refused or look_of(facts):
        return refused
    reason = str(facts.databases.get("msg") or "no reason given").rstrip(".")
    return [
        Finding(_place(facts).get("host", ""), f"{reason[:1].lower()}{reason[1:]}.", "Check the server and its user.")
    ]


def _told(findings: t.Sequence[Finding], lines: list[str], place: str) -> dict[str, t.Any]:
    judged = judgement(findings)
    return {"target": place, "text": [*lines, *noted(judged)], **judged}


def source(facts: Facts) -> list[str]:
    """The server, and by whom it is asked."""
    look, place = look_of(facts), _place(facts)
    server = f"{look['server']['kind']} {look['server']['version']}"
    where = (
        f"container {place['container']}" if place["container"] else f"{bracketed(place['address'])}:{place['port']}"
    )
    return [f"Server: {server}, {where}, by host {place['host']} as user {place['user']}."]


def _room(look: Dict) -> str:
    return f"at most {megabytes(rules.size(look))}, {megabytes(look['free'])} are free"


def _pruned(facts: Facts, look: Dict) -> list[str]:
    ours = [one["name"] for one in look["dumps"] if one["prefix"] == facts.setting("database_prefix")]
    keep = facts.setting("database_backup_keep")
    old = ours[: max(0, len(ours) + 1 - keep)] if keep else []
    kept = f"Dumps that are there: {', '.join(ours)}." if ours else "No dump is there."
    return [kept, *([f"Removed afterwards: {', '.join(old)}."] if old else [])]


def interrupted(facts: Facts) -> t.Iterator[Finding]:
    """A dump of databases that are not complete would look like a good one."""
    for host, files in facts.topology["unfinished"].items():
        yield from half_restored(host, files, facts.surveys.get(host) or {}, facts.topology["database_server"])
    yield from migrating(facts.topology["cluster"], facts.surveys)


# --- a restore --------------------------------------------------------------------------------------------------------


def running(facts: Facts) -> t.Iterator[Finding]:
    """Nodes that use the databases; a host that was not seen may have some."""
    cluster = facts.topology["cluster"]
    for host in facts.topology["services"]:
        yield from host_faults.unseen(facts.surveys, [host])
        containers = facts.surveys.get(host, {}).get("containers") or []
        ours = [one for one in containers if one["cluster"] == cluster and one["running"]]
        names = [one["name"] for one in ours if one["name"] != f"{cluster}-database"]
        if names:
            yield Finding(
                host,
                f"{', '.join(names)} {'run' if len(names) > 1 else 'runs'}, and would use databases that are replaced.",
                "Stop all nodes first: uninstall.yml with --limit 'all:!database' removes them and keeps the data, "
                "docker stop keeps them.",
            )


def _unknown(facts: Facts, name: str) -> Finding:
    problem = f"names {name}, and there is no complete dump of that name in {target(facts)}."
    return Finding("", problem, "Name one of those that are shown.", variable="wabiz_database_restore_from")


def _unconfirmed(facts: Facts, replaced: t.Sequence[str]) -> t.Iterator[Finding]:
    cluster = facts.topology["cluster"]
    if replaced and facts.setting("database_restore_cluster") != cluster:
        yield Finding(
            "",
            f"All data in {', '.join(replaced)} would be replaced.",
            f"wabiz_database_restore_cluster: {cluster} says that they may be.",
        )


def disk(facts: Facts, look: Dict, dump: Dict) -> t.Iterator[Finding]:
    """Room where role database keeps the data; the disk of other servers cannot be seen."""
    host = _place(facts)["host"]
    free = facts.surveys[host].get("disk_free")
    given_back = sum(one["bytes"] for one in look["databases"] if one["name"] in dump["databases"])
    if _place(facts)["container"] and free is not None and dump["bytes"] > free + given_back:
        problem = f"the databases need {megabytes(dump['bytes'])}, and the server has {megabytes(free + given_back)}."
        yield Finding(host, problem, "Make room.")


def change(name: str, present: t.Mapping[str, int], dump: Dict) -> dict[str, str]:
    """What a restore does with a database; C(present) are those that are there, with their bytes."""
    if name not in present:
        return {"now": "", "then": "created"}
    then = "replaced" if name in dump["databases"] else "stays: not in the dump"
    return {"now": megabytes(present[name]), "then": then}


def _said(dump: Dict) -> str:
    note = f" ({dump['note']})" if dump["note"] else ""
    return f"{megabytes(dump['size'])} of {dump['created']}, {dump['kind']} {dump['version']}{note}"


def _listed(look: Dict) -> list[str]:
    rows = [
        {
            "dump": one["name"],
            "created": one["created"],
            "size": megabytes(one["size"]),
            "server": f"{one['kind']} {one['version']}",
            "note": one["note"],
        }
        for one in look["dumps"]
    ]
    return table.render(_DUMPS, rows) if rows else ["There is no dump."]
