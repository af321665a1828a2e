# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against an upgrade, and what is allowed and unwise. Pure functions, no I/O."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import tag
from ansible_collections.wabiz.onprem.plugins.module_utils._model.stats import LARGE_DATABASE
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.situation import Situation, order
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import (
    cluster_faults,
    hops,
    host_faults,
    inventory_faults,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expiry import LIFETIME_DAYS, expiry
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.message_gc import SEVERAL_COLLECTIONS

# Estimate of what a row of messages takes on the database's disk while its table is changed.
BYTES_PER_ROW = 1000

_WITHOUT_BACKUP = (
    "Or save the database by other means (wabiz_database_backup_tasks), or upgrade without a backup of it "
    "(wabiz_upgrade_database_backup: false); there is no rollback then."
)

Findings = t.Iterator[Finding]


def findings(found: Situation) -> list[Finding]:
    """What speaks against it, and what is unwise; fatal is why nothing is done."""
    checks = (
        *(
            _hosts,
            _record,
            _health,
            _shards,
            _broken,
            _downgrade,
            _rules,
            _standby,
            _outsiders,
            _database,
            _backup,
            _disk,
            _unread,
        ),
        *(_unregistered, _repairs, _advice, _beta, _mixed, _few, _accepted, _messages, _room, _expiry),
    )
    return [finding for check in checks for finding in check(found)]


def left_behind(found: Situation) -> list[Finding]:
    """What is to be known where every node runs the wanted version; rollback from an upgrade that went no further."""
    if found.unreadable:
        return list(_record(found))
    noted = found.record or {}
    migrated = noted.get("schema") and found.schema and noted["schema"] != found.schema
    if not migrated or noted["version"] == found.wish.version:
        return []
    problem = f"The schema was migrated for the upgrade to {noted['version']}, and {found.wish.version} runs on it."
    return [Finding("", problem, _on_or_back(noted["version"]), fatal=False)]


def _on_or_back(version: str) -> str:
    return f"Upgrade to {version}, or restore the database backup as docs/upgrade.md describes."


def _hosts(found: Situation) -> Findings:
    return host_faults.unusable(found.reports, sorted({member.host for member in found.members}))


def _record(found: Situation) -> Findings:
    for host, files in found.topology.get("unfinished", {}).items():
        if found.unreadable and "upgrade" in files:
            yield Finding(f"{host}, {files['upgrade']}", found.unreadable.problem, found.unreadable.remedy)


# --- health -----------------------------------------------------------------------------------------------------------


def _health(found: Situation) -> Findings:
    if not found.health.get("nodes"):
        yield inventory_faults.silent(found.reason)
    elif found.summary.get("single_instance"):
        yield cluster_faults.single_instance()
    elif found.registered is None:
        yield cluster_faults.registration_unknown(found.reason)
    elif found.summary.get("primary_masters") != 1 and not found.midway:
        problem = f"There are {found.summary.get('primary_masters')} primary masters."
        yield Finding("", problem, "Check the masters' logs.")


def _shards(found: Situation) -> Findings:
    """Fewer than there should be are what an upgrade that was interrupted leaves, and what its continuation repairs."""
    if not found.registered:
        return
    connected = int(found.summary.get("connected_coreapps") or 0)
    if found.shards is None:
        yield inventory_faults.shards_unknown()
    elif connected > found.shards or not found.midway:
        yield from cluster_faults.connected_for(connected, found.shards)


def _broken(found: Situation) -> Findings:
    for member in found.members:
        look = f"See: docker logs {member.name}"
        if member.state == "same" and member.problem:
            yield Finding(member.label, f"runs {member.version} already and {member.problem}.", look)
        elif member.state == "changed" and member.running and not found.midway and found.failing(member.id):
            yield Finding(member.label, "does not answer.", f"Fix it first. {look}")
        elif not member.running and not found.midway:
            remedy = f"Run playbook site.yml with version {_present(found)} first."
            yield Finding(member.label, f"{member.problem}.", remedy)


def _present(found: Situation) -> str:
    return ", ".join(sorted(found.present_versions, key=order)) or "(any)"


def _repairs(found: Situation) -> Findings:
    """What an interrupted run left."""
    if not found.midway or not found.needed:
        return
    for member in found.members:
        if not member.running:
            yield _warning(f"Incomplete: {member.label} {member.problem}; it is started first.")
        elif member.state == "changed" and found.failing(member.id):
            yield _warning(f"Incomplete: {member.label} ({member.version}) does not answer; it is replaced first.")
    connected = int(found.summary.get("connected_coreapps") or 0)
    if found.registered and found.shards and connected < found.shards:
        yield _warning(f"Incomplete: {connected} of {found.shards} shards are served.")


def _warning(problem: str) -> Finding:
    return Finding("", problem, fatal=False)


def _unregistered(found: Situation) -> Findings:
    if found.registered is False:
        effect = "Nothing is served, and the shards cannot be checked."
        yield replace(cluster_faults.unregistered(fatal=False), remedy=effect)


# --- versions ---------------------------------------------------------------------------------------------------------


def _downgrade(found: Situation) -> Findings:
    if not found.newer or found.wish.allow_downgrade or found.schema_untouched:
        return
    running = ", ".join(sorted({member.version for member in found.newer}, key=order))
    yield Finding(
        "",
        f"{found.wish.version} is older than the running version {running}; the schema may be migrated already.",
        f"{_on_or_back(running)} wabiz_upgrade_allow_downgrade: true says that this is done.",
        variable="wabiz_version",
    )


def _rules(found: Situation) -> Findings:
    yield from (Finding("", rule.text) for rule in found.rules if rule.effect == hops.REFUSAL)


def _advice(found: Situation) -> Findings:
    yield from (_warning(rule.text) for rule in found.rules if rule.effect != hops.REFUSAL)


def _beta(found: Situation) -> Findings:
    version = found.wish.version
    if versions.is_beta(version):
        yield _warning(
            f"{version} is a beta (even second number); it expires {LIFETIME_DAYS[1]} days after its creation."
        )


def _mixed(found: Situation) -> Findings:
    if len(found.present_versions - {found.wish.version}) > 1:
        yield _warning(f"Several other versions run: {_present(found)}.")


def _expiry(found: Situation) -> Findings:
    if not found.wish.today:
        return
    own = tag(found.wish.version)
    wanted = {
        host: {"image_facts": {name: facts for name, facts in images.items() if name.endswith(own)}}
        for host, report in found.reports.items()
        for images in [report.get("image_facts") or {}]
    }
    yield from expiry(wanted, found.wish.today, found.wish.allow_expired)


# --- capacity ---------------------------------------------------------------------------------------------------------


def _no_standby(found: Situation) -> bool:
    """Whether the shards of coreapps that are replaced have no standby to move to."""
    replaced = any(member.service == "coreapp" for member in found.to_do)
    return bool(replaced and found.registered and found.shards and len(found.machines["coreapp"]) <= found.shards)


def _standby(found: Situation) -> Findings:
    if _no_standby(found) and not found.wish.without_standby:
        yield Finding(
            "",
            f"{len(found.machines['coreapp'])} coreapps for {found.shards} shards leave no standby, so every shard "
            "would be without service while its coreapp restarts.",
            "Add a coreapp (wabiz_upgrade_without_standby: true to continue anyway).",
        )


def _accepted(found: Situation) -> Findings:
    if _no_standby(found) and found.wish.without_standby:
        yield _warning("There is no standby: every shard is without service while its coreapp restarts.")


def _few(found: Situation) -> Findings:
    changed = {member.service for member in found.to_do}
    if "webapp" in changed and len(found.machines["webapp"]) == 1:
        yield _warning("There is one webapp: the API is unavailable while it restarts, and requests fail.")
    if "master" in changed and len(found.machines["master"]) == 1:
        yield _warning(
            "There is one master: a failed coreapp is detected after minutes instead of seconds, and not while the "
            "master restarts."
        )


def _outsiders(found: Situation) -> Findings:
    """They would stay on the old version."""
    yield from inventory_faults.foreign(found.foreign, fatal=True)
    yield from (inventory_faults.surplus(item, fatal=True) for item in found.surplus if item["running"])


# --- database and disks -----------------------------------------------------------------------------------------------


def _database(found: Situation) -> Findings:
    for host, report in sorted(found.reports.items()):
        yield from host_faults.database_unreachable(host, report)


def _backup(found: Situation) -> Findings:
    """The database cannot be saved before its schema changes."""
    for finding in found.wish.database_findings if found.saves_database else ():
        yield replace(finding, remedy=f"{finding.remedy} {_WITHOUT_BACKUP}".strip())


def _disk(found: Situation) -> Findings:
    limits = found.topology["disk_limits"]
    for host, report in sorted(found.reports.items()):
        if any(where != "local" for where in (report.get("images") or {}).values()):
            yield from host_faults.little_room(host, report.get("disk_free", 0), "for Docker", limits[host])
    for host in _servers(found) if found.migrates else []:
        free = found.reports[host].get("disk_free", 0)
        yield from host_faults.little_room(host, free, "for the database", limits[host])


def _servers(found: Situation) -> list[str]:
    """Database servers that role database runs; the disk of others cannot be seen."""
    return [host for host in (found.topology.get("groups") or {}).get("database", []) if host in found.reports]


def _room(found: Situation) -> Findings:
    """A warning only, as the need is an estimate."""
    if not found.migrates or not found.messages:
        return
    need = found.messages * BYTES_PER_ROW / 1e9
    if not _servers(found) and found.messages > LARGE_DATABASE:
        yield _warning(
            f"The migration may need {need:.1f} GB on the database server, whose disk cannot be seen from here."
        )
    for host in _servers(found):
        free = found.reports[host].get("disk_free", 0) / 1e9
        if free < need:
            yield _warning(
                f"{host}, the database server, has {free:.1f} GB free; the migration may need {need:.1f} GB."
            )


def _unread(found: Situation) -> Findings:
    if found.collections:
        yield from inventory_faults.unread_messages(found.wish.gc_read)


def _messages(found: Situation) -> Findings:
    if not found.migrates:
        return
    if found.messages is None:
        reason = found.uncounted or "no node reports it."
        yield _warning(f"The number of messages, and so the time of the migration, is not known: {reason}")
    elif found.messages > LARGE_DATABASE:
        again = ", several times until it ends without an error" if found.messages > SEVERAL_COLLECTIONS else ""
        advice = f"collect garbage first{again}, off-peak, inbound messages read (wabiz_upgrade_gc: true does it)"
        if found.collections:
            advice = "garbage is collected first"
        yield _warning(f"{found.messages} messages are a large database (more than {LARGE_DATABASE}): {advice}.")
