# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What backup.yml is going to save, from which hosts, to where. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._model.backup_set import (
    CERTIFICATES,
    DATABASE,
    MEDIA,
    MEDIA_LIST,
    SETTINGS,
    outdated,
    same_cluster,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._model.stats import LARGE_DATABASE
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.backups import place
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.dumps import plan as dumps
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import host_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.database_dump import size
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.room import megabytes, no_room

COLUMNS = ("part", "from", "what")


def plan(facts: Facts) -> dict[str, t.Any]:
    """The plan as data. C(archives) are the files that each host packs; one without paths is of its media's volume.

    C(dump) and C(settings) say whether the databases are dumped and the client is asked for its settings; C(hosts) are
    those whose files go over the controller, C(about) is what the manifest says of the cluster.
    """
    parts = facts.setting("backup_parts") or []
    archives = _archives(facts, parts)
    dump_host = str(facts.dump_place.get("host") or "") if DATABASE in parts else ""
    makers = [*archives, *filter(None, [dump_host])]
    findings = [*_findings(facts, parts), *place.without_openssl(facts, [place.keeper(facts), *makers])]
    rows = _rows(facts, parts, archives)
    lines = [*table.render(COLUMNS, rows), "", f"Saved to {place.target(facts)}, encrypted.", *_unjudged(facts, parts)]
    return {
        "target": place.target(facts),
        "keeper": place.keeper(facts),
        "archives": archives,
        "dump": DATABASE in parts,
        "settings": SETTINGS in parts,
        "hosts": [host for host in dict.fromkeys(makers) if host != place.keeper(facts)],
        "about": _about(facts),
        **place.told(findings, [*lines, *_kept(facts, [row["part"] for row in rows])]),
    }


def _archives(facts: Facts, parts: t.Collection[str]) -> dict[str, list[dict[str, t.Any]]]:
    found: dict[str, list[dict[str, t.Any]]] = {}
    if CERTIFICATES in parts:
        for host, paths in facts.topology["saved_files"].items():
            file = f"certificates-{_plain(host)}.tar.enc"
            found[host] = [_archive(CERTIFICATES, host, file, paths=paths, base="/")]
    for part, end in ((MEDIA_LIST, "list.gz.enc"), (MEDIA, "tar.enc")):
        if part not in parts:
            continue
        shared = place.shared_media(facts)
        if shared:
            one = _archive(part, "", f"media.{end}", paths=[shared], base=shared)
            found.setdefault(place.sharing(facts), []).append(one)
        elif place.volume_of_all(facts):
            found.setdefault(place.volume_of_all(facts), []).append(_archive(part, "", f"media.{end}"))
        for host in place.own_volumes(facts):
            found.setdefault(host, []).append(_archive(part, host, f"media-{_plain(host)}.{end}"))
    return found


def _archive(part: str, host: str, file: str, paths: t.Sequence[str] = (), base: str = "") -> dict[str, t.Any]:
    content = "listing" if part == MEDIA_LIST else "files"
    return {"part": part, "host": host, "file": file, "paths": list(paths), "base": base, "content": content}


def _plain(host: str) -> str:
    """A host's name as part of a file's."""
    return host.replace(":", "-")


def _about(facts: Facts) -> dict[str, t.Any]:
    number = f"{facts.setting('phone_cc') or ''}{facts.setting('phone_number') or ''}"
    return {
        "cluster": facts.topology["cluster"],
        "number": number if facts.setting("phone_cc") and facts.setting("phone_number") else "",
        "version": facts.health.get("version") or "",
        "shards": facts.shards,
        "engine": facts.setting("database_engine"),
        "prefix": facts.setting("database_prefix"),
        "note": "",
    }


def _of_this_cluster(facts: Facts) -> list[dict[str, t.Any]]:
    """The backups that are there of this cluster, the oldest first."""
    about = _about(facts)
    return [one for one in facts.backups.get("backups") or [] if same_cluster(one, about)]


def _findings(facts: Facts, parts: t.Collection[str]) -> t.Iterator[Finding]:
    yield from place.unreadable(facts)
    yield from _namesake(facts)
    if SETTINGS in parts:
        yield from _settings(facts)
    if DATABASE in parts:
        yield from dumps.backup_findings(facts)
        yield from dumps.interrupted(facts)
    yield from _room(facts, parts)
    yield from _large(facts, parts)
    hosts = [*(facts.topology["services"] if CERTIFICATES in parts else ())]
    if {MEDIA, MEDIA_LIST} & set(parts):
        shared = [place.sharing(facts), *place.own_volumes(facts)] if place.shared_media(facts) else []
        hosts += shared or place.node_hosts(facts)
        yield from place.absent_share(facts)
    yield from host_faults.unseen(facts.surveys, dict.fromkeys(filter(None, hosts)))
    if not parts:
        yield Finding("", "names nothing.", "Name what is saved.", variable="wabiz_backup_parts")


def _namesake(facts: Facts) -> t.Iterator[Finding]:
    """Another cluster of this name keeps its backups in the directory; the files on their way would be in one place."""
    about = _about(facts)
    known = [one for one in facts.backups.get("backups") or [] if one["cluster"] == about["cluster"]]
    others = {one["number"] for one in known if one["number"] and about["number"]} - {about["number"]}
    if others:
        yield Finding(
            place.keeper(facts),
            f"{facts.setting('backups')} has backups of a cluster of the same name with number "
            f"{', '.join(sorted(others))}, and the inventory says {about['number']}.",
            "Set another directory (wabiz_backup_path). If the number of this cluster was changed, move these backups "
            "to another directory.",
        )


def _settings(facts: Facts) -> t.Iterator[Finding]:
    """The client saves its settings where a number is registered and a coreapp is connected."""
    remedy = "Or leave settings out of wabiz_backup_parts."
    summary = facts.health.get("summary") or {}
    if facts.setting("admin_password") is None:
        yield Finding("", "is needed to save the settings.", f"Set it. {remedy}", variable="wabiz_admin_password")
    if not summary:
        reason = str(facts.health.get("msg") or "no reason given").rstrip(".")
        yield Finding("", f"The client does not say how it is: {reason}.", f"Run status.yml. {remedy}")
    elif not summary["registered"]:
        problem = "No number is registered, so the client has no settings to save."
        yield Finding("", problem, f"Run register.yml. {remedy}")
    elif not summary["connected_coreapps"]:
        problem = "No coreapp is connected, and the client saves its settings only while one is."
        yield Finding("", problem, f"Run status.yml. {remedy}")


def _room(facts: Facts, parts: t.Collection[str]) -> t.Iterator[Finding]:
    """On the host that keeps the backups; on the one that dumps it is a finding of the dump's own.

    To measure media takes as long as to copy them: they are taken for as large as in the last backup, which only warns.
    """
    look, free = dumps.look_of(facts) if DATABASE in parts else {}, facts.backups.get("free")
    keeper, databases, media = place.keeper(facts), size(look) if look else 0, _media_before(facts)
    if look and facts.dump_place.get("host") != keeper:
        yield from no_room(keeper, "A backup of the databases", databases, free, facts.setting("backups"))
    if MEDIA in parts and media is not None:
        what = "With media as large as in the last backup, this one"
        found = no_room(keeper, what, databases + media, free, facts.setting("backups"))
        yield from (replace(one, fatal=False) for one in found)


def _media_before(facts: Facts) -> int | None:
    """Bytes of the media in the newest backup of this cluster that has a copy; None where there is none."""
    copies = [one for one in _of_this_cluster(facts) if MEDIA in one["parts"]]
    return sum(file["bytes"] for file in copies[-1]["files"] if file["part"] == MEDIA) if copies else None


def _unjudged(facts: Facts, parts: t.Collection[str]) -> list[str]:
    if MEDIA not in parts:
        return []
    if _media_before(facts) is None:
        return ["Whether there is room for the copy of the media is not known: no earlier backup has one."]
    return ["Room for the copy of the media is judged by that of the last backup."]


def _large(facts: Facts, parts: t.Collection[str]) -> t.Iterator[Finding]:
    messages = facts.stats.get("messages")
    if DATABASE in parts and messages and messages > LARGE_DATABASE:
        yield Finding(
            "",
            f"The database holds {messages} messages; a smaller one is saved and restored faster.",
            "To make it smaller run message_gc.yml before, in the hours and under the conditions of its own page.",
            fatal=False,
        )


def _rows(facts: Facts, parts: t.Collection[str], archives: t.Mapping[str, t.Any]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    if SETTINGS in parts:
        rows.append({"part": SETTINGS, "from": "the client's API", "what": "settings and registration"})
    if DATABASE in parts:
        look = dumps.look_of(facts)
        names = ", ".join(f"{one['name']} ({megabytes(one['bytes'])})" for one in look.get("databases") or [])
        rows.append({"part": DATABASE, "from": str(facts.dump_place.get("host") or ""), "what": names})
    words = {CERTIFICATES: "certificates and keys", MEDIA_LIST: "list of the media", MEDIA: "copy of the media"}
    for host, files in archives.items():
        for one in files:
            where = one["base"] if one["base"] not in ("", "/") else "" if one["paths"] else "the volume of the media"
            what = " in ".join(filter(None, (words[one["part"]], where)))
            rows.append({"part": one["part"], "from": host, "what": what})
    return rows


def _kept(facts: Facts, parts: t.Collection[str]) -> list[str]:
    """C(parts) are those of the backup that is going to be made."""
    ours = {one["name"]: one["parts"] for one in _of_this_cluster(facts)}
    keep = facts.setting("backup_keep")
    old = outdated({**ours, "": parts}, keep) if keep else []
    there = f"Backups that are there: {', '.join(ours)}." if ours else "No backup is there."
    return [there, *([f"Removed afterwards: {', '.join(old)}."] if old else [])]
