# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What restore.yml is going to restore now, what later, and what speaks against it. No I/O.

While no node runs, certificates and databases are restored; then site.yml starts the nodes; while they run, media and
settings are. The databases hold the registration where the client keeps it there: then the settings are not needed.
"""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.backup_set import (
    BEFORE,
    CERTIFICATES,
    DATABASE,
    MEDIA,
    RESTORED,
    SERVING,
    SETTINGS,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.backups import place
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.dumps import plan as dumps
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import database_dump, host_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.interrupted_upgrade import migrating

COLUMNS = ("part", "where", "what")


def plan(facts: Facts) -> dict[str, t.Any]:
    """The plan as data; where no backup is named it shows which there are, and C(name) is empty.

    C(unpacked) are the archives that each host unpacks; one without a place is of its media's volume. C(dump) and
    C(settings) say whether databases and settings are restored now; C(moves) are the files that go over the controller
    to another host, C(hosts) those hosts.
    """
    name = facts.setting("restore_from") or ""
    chosen = next((one for one in facts.backups.get("backups") or [] if one["name"] == name), None)
    if chosen is None:
        return {"name": "", "target": place.target(facts), **place.told(_unknown(facts, name), place.listed(facts))}
    now = _now(facts, chosen)
    unpacked = _unpacked(facts, chosen, now)
    dump_host = str(facts.dump_place.get("host") or "") if DATABASE in now else ""
    keeper = place.keeper(facts)
    moves = _moves(chosen, unpacked, dump_host, keeper)
    hosts = list(dict.fromkeys(move["to"] for move in moves))
    findings = [*_findings(facts, chosen, now), *place.without_openssl(facts, [keeper, *hosts])]
    lines = [
        f"Backup {name} of {chosen['created']}: cluster {chosen['cluster']}, version {chosen['version'] or 'unknown'}, "
        f"{chosen['shards'] or 'unknown'} shard(s).",
        "",
        *table.render(COLUMNS, list(_rows(facts, chosen, now, unpacked))),
        "",
        _next(facts, now),
    ]
    return {
        "name": name,
        "target": place.target(facts),
        "keeper": keeper,
        "now": now,
        "unpacked": unpacked,
        "dump": DATABASE in now,
        "settings": SETTINGS in now,
        "settings_sha256": next((one["sha256"] for one in chosen["files"] if one["part"] == SETTINGS), ""),
        "moves": moves,
        "hosts": hosts,
        **place.told(findings, lines),
    }


def _asked(facts: Facts, chosen: Dict) -> list[str]:
    """The parts that the operator named, or all that can be restored."""
    named = facts.setting("restore_parts")
    return [part for part in RESTORED if part in (named or chosen["parts"])]


def _now(facts: Facts, chosen: Dict) -> list[str]:
    """What the state of the cluster allows now, of what was asked for and is there."""
    fits = SERVING if place.running(facts) else BEFORE
    now = [part for part in _asked(facts, chosen) if part in fits and part in chosen["parts"]]
    return [part for part in now if part != SETTINGS or not _registered(facts)]


def _registered(facts: Facts) -> bool:
    return bool((facts.health.get("summary") or {}).get("registered"))


def _unpacked(facts: Facts, chosen: Dict, now: t.Collection[str]) -> dict[str, list[dict[str, t.Any]]]:
    found: dict[str, list[dict[str, t.Any]]] = {}
    shared = place.shared_media(facts)
    for one in chosen["files"]:
        known = {key: one[key] for key in ("part", "file", "sha256")}
        if one["part"] == CERTIFICATES and CERTIFICATES in now and one["host"] in facts.topology["saved_files"]:
            only = facts.topology["saved_files"][one["host"]]
            found.setdefault(one["host"], []).append({**known, "base": "/", "only": only})
        if one["part"] == MEDIA and MEDIA in now:
            if one["host"] in place.own_volumes(facts):
                found.setdefault(one["host"], []).append({**known, "base": "", "only": []})
            elif shared:
                found.setdefault(place.sharing(facts), []).append({**known, "base": shared, "only": [shared]})
            elif place.volume_of_all(facts):
                found.setdefault(place.volume_of_all(facts), []).append({**known, "base": "", "only": []})
    return found


def _moves(chosen: Dict, unpacked: t.Mapping[str, t.Any], dump_host: str, keeper: str) -> list[dict[str, str]]:
    """The files that another host needs than the one that keeps the backups."""
    wanted = [(host, one) for host, files in unpacked.items() for one in files]
    wanted += [(dump_host, one) for one in chosen["files"] if one["part"] == DATABASE and dump_host]
    return [{"file": one["file"], "sha256": one["sha256"], "to": host} for host, one in wanted if host != keeper]


# --- what speaks against it -------------------------------------------------------------------------------------------


def _unknown(facts: Facts, name: str) -> list[Finding]:
    found = list(place.unreadable(facts))
    if name and not any(finding.fatal for finding in found):
        problem = f"names {name}, and there is no complete backup of that name in {place.target(facts)}."
        found.append(Finding("", problem, "Name one of those that are shown.", variable="wabiz_restore_from"))
    return found


def _findings(facts: Facts, chosen: Dict, now: t.Sequence[str]) -> t.Iterator[Finding]:
    yield from place.unreadable(facts)
    # A host that was not seen may run a node.
    yield from host_faults.unseen(facts.surveys, facts.topology["services"])
    yield from migrating(facts.topology["cluster"], facts.surveys)
    for fault in facts.backups.get("faults") or []:
        yield Finding(
            place.keeper(facts), f"backup {chosen['name']}: {fault[:1].lower()}{fault[1:]}", "Choose another."
        )
    yield from _foreign(facts, chosen)
    yield from _named(facts, chosen)
    if DATABASE in now:
        yield from _database(facts)
    if MEDIA in now:
        yield from _media(facts, chosen)
    if SETTINGS in now:
        yield from _settings(facts, chosen)
    if not now:
        yield Finding("", "There is nothing that can be restored now.", "The plan says why.")
    elif facts.setting("restore_cluster") != facts.topology["cluster"]:
        cluster = facts.topology["cluster"]
        yield Finding(
            "",
            f"What the cluster has of {', '.join(now)} would be replaced.",
            f"wabiz_restore_cluster: {cluster} says that it may be.",
        )


def _foreign(facts: Facts, chosen: Dict) -> t.Iterator[Finding]:
    """A backup of another cluster or number, or of another version or number of shards."""
    cluster = facts.topology["cluster"]
    number = f"{facts.setting('phone_cc') or ''}{facts.setting('phone_number') or ''}"
    if chosen["cluster"] != cluster:
        problem = f"the backup is of cluster {chosen['cluster']}, and this is {cluster}."
        yield Finding(chosen["name"], problem, "Choose another backup.")
    if chosen["number"] and number and chosen["number"] != number:
        problem = f"the backup is of number {chosen['number']}, and the inventory says {number}."
        yield Finding(
            chosen["name"], problem, "Choose another backup, or correct wabiz_phone_cc and wabiz_phone_number."
        )
    for key, words in (("version", "version"), ("shards", "number of shards")):
        wanted = facts.setting(key)
        if chosen[key] and wanted and chosen[key] != wanted:
            yield Finding(
                chosen["name"],
                f"the backup's {words} is {chosen[key]}, and the inventory's is {wanted}.",
                f"Set wabiz_{key}: {chosen[key]}, restore, and change it afterwards.",
            )


def _named(facts: Facts, chosen: Dict) -> t.Iterator[Finding]:
    """Parts that the operator named and that cannot be restored now."""
    for part in facts.setting("restore_parts") or []:
        remedy = "Leave it out of wabiz_restore_parts."
        if part not in chosen["parts"]:
            yield Finding("", f"The backup holds no {part}.", remedy)
        elif part in SERVING and not place.running(facts):
            yield Finding("", f"The {part} are restored while nodes run.", "Run site.yml before.")
        elif part == SETTINGS and _registered(facts):
            problem = "A number is registered already, and only a client without one takes a backup of settings."
            yield Finding("", problem, remedy)
        elif part in BEFORE and place.running(facts):
            yield from dumps.running(facts)
            if part == CERTIFICATES:
                yield Finding("", "The certificates are restored while no node runs.", "Stop the nodes.")


def _database(facts: Facts) -> t.Iterator[Finding]:
    yield from dumps.asked(facts)
    look, dump = dumps.look_of(facts), facts.backups.get("dump") or {}
    if look and dump:
        host = str(facts.dump_place["host"])
        yield from database_dump.before_restore(
            host, look, dump, facts.setting("database_prefix"), facts.setting("database_user") or ""
        )
        yield from dumps.disk(facts, look, dump)


def _media(facts: Facts, chosen: Dict) -> t.Iterator[Finding]:
    yield from place.absent_share(facts)
    shared = place.shared_media(facts) or place.volume_of_all(facts)
    if any(one["part"] == MEDIA and not one["host"] for one in chosen["files"]) and not shared:
        yield Finding(
            "",
            "is not set, and the media of the backup are those that all hosts shared.",
            "Set it, or leave media out of wabiz_restore_parts.",
            variable="wabiz_media_path",
        )


def _settings(facts: Facts, chosen: Dict) -> t.Iterator[Finding]:
    if facts.setting("admin_password") is None:
        yield Finding("", "is needed to restore the settings.", "Set it.", variable="wabiz_admin_password")
    if (facts.health.get("summary") or {}).get("registered") is None:
        reason = str(facts.health.get("msg") or "no master answers").rstrip(".")
        # A client that has taken a backup stops its nodes, where a run was killed before it had restarted them.
        remedy = "Start nodes that are stopped with site.yml, and run this playbook again."
        yield Finding("", f"The client does not say whether a number is registered: {reason}.", remedy)
    if chosen["shards"] and facts.shards and chosen["shards"] != facts.shards:
        problem = f"The backup was made with {chosen['shards']} shard(s), and the cluster has {facts.shards}."
        yield Finding("", problem, "Only a cluster with the same number takes it.")


# --- how it is shown --------------------------------------------------------------------------------------------------


def _rows(
    facts: Facts, chosen: Dict, now: t.Collection[str], unpacked: t.Mapping[str, t.Any]
) -> t.Iterator[dict[str, str]]:
    for part in _asked(facts, chosen):
        hosts = [host for host, files in unpacked.items() if any(one["part"] == part for one in files)]
        where = {DATABASE: str(facts.dump_place.get("host") or ""), SETTINGS: "the client's API"}.get(
            part, ", ".join(hosts)
        )
        yield {"part": part, "where": where if part in now else "", "what": _what(facts, chosen, part, part in now)}
    gone = {one["host"] for one in chosen["files"] if one["host"] and one["host"] not in facts.topology["services"]}
    for host in sorted(gone):
        yield {"part": "", "where": host, "what": "its files stay in the backup: no host of the inventory"}


def _what(facts: Facts, chosen: Dict, part: str, now: bool) -> str:
    if part not in chosen["parts"]:
        return "not in the backup"
    if now:
        return "restored now"
    if part == SETTINGS and _registered(facts):
        return "not needed: a number is registered"
    return "not now: nodes run" if part in BEFORE else "later: no node runs"


def _next(facts: Facts, now: t.Collection[str]) -> str:
    """What the operator does afterwards."""
    if not place.running(facts):
        return "Afterwards start the nodes with site.yml and run this playbook again, which restores what is left."
    return "Afterwards run verify.yml." if now else "Nothing is restored now."
