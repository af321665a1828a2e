# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against an upgrade, and what is allowed and unwise. Pure functions, no I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import tag
from ansible_collections.wabiz.onprem.plugins.module_utils._model.stats import LARGE_DATABASE
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.situation import Situation, order
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import hops

# Above this one run of the garbage collection may not be enough (R04).
SEVERAL_COLLECTIONS = 10_000_000
# Estimate of what a row of messages takes on the database's disk while its table is changed.
BYTES_PER_ROW = 1000

Texts = t.Iterator[str]


def refusals(found: Situation) -> list[str]:
    """Why nothing is done; empty where nothing speaks against it."""
    checks = (_hosts, _health, _shards, _broken, _downgrade, _rules, _standby, _outsiders, _database, _disk)
    return [text for check in checks for text in check(found)] + _expiry(found)["refusals"]


def warnings(found: Situation) -> list[str]:
    """What is allowed and unwise."""
    checks = (_unregistered, _repairs, _advice, _beta, _mixed, _few, _accepted, _messages, _room)
    return [text for check in checks for text in check(found)] + _expiry(found)["warnings"]


def left_behind(found: Situation) -> list[str]:
    """What is to be known where every node runs the wanted version; rollback from an upgrade that went no further."""
    noted = found.record or {}
    migrated = noted.get("schema") and found.schema and noted["schema"] != found.schema
    if not migrated or noted["version"] == found.wish.version:
        return []
    return [
        f"The schema was migrated on the way to {noted['version']}, and {found.wish.version} runs on it. Go on to "
        f"{noted['version']}, or restore the database's backup as docs/upgrade.md describes."
    ]


def _hosts(found: Situation) -> Texts:
    needed = {member.host for member in found.members}
    left_out = sorted(needed - set(found.reports))
    if left_out:
        yield f"Hosts are left out: {', '.join(left_out)}. Run without --limit."
    silent = sorted(host for host in needed & set(found.reports) if "engine" not in found.reports[host])
    if silent:
        yield f"Hosts cannot be reached: {', '.join(silent)}. Fix the connection; all nodes must run one version."
    stopped = [host for host in sorted(needed) if found.reports.get(host, {}).get("engine", {}).get("running") is False]
    if stopped:
        yield f"No Docker engine answers on {', '.join(stopped)}. Start it first."


# --- health -----------------------------------------------------------------------------------------------------------


def _health(found: Situation) -> Texts:
    reason = found.health.get("msg", "no reason given")
    if not found.health.get("nodes"):
        yield f"The API does not answer: {reason} Where nothing runs yet, run playbook site.yml."
    elif found.summary.get("single_instance"):
        yield "This is a single instance, not a cluster. Run playbook site.yml first."
    elif found.registered is None:
        yield f"The cluster does not tell whether a number is registered; it may still be starting: {reason}"
    elif found.summary.get("primary_masters") != 1 and not found.midway:
        yield f"There are {found.summary.get('primary_masters')} primary masters. Look into the masters' logs."


def _shards(found: Situation) -> Texts:
    """Fewer than there should be are what an upgrade that was interrupted leaves, and what going on with it repairs."""
    if not found.registered:
        return
    connected = int(found.summary.get("connected_coreapps") or 0)
    if found.shards is None:
        yield "The cluster does not tell how many shards it has. Check wabiz_admin_password."
    elif connected > found.shards:
        yield (
            f"{connected} coreapps are connected for {found.shards} shards. "
            "A second cluster on this number would get it banned; find it first."
        )
    elif connected < found.shards and not found.midway:
        yield f"{connected} of {found.shards} shards are served. An upgrade starts from a healthy cluster."


def _broken(found: Situation) -> Texts:
    for member in found.members:
        if member.state == "same" and member.problem:
            yield f"{member.label} runs {member.version} already and {member.problem}. See: docker logs {member.name}"
        elif member.state == "changed" and member.running and not found.midway and found.failing(member.id):
            yield f"{member.label} does not answer. Fix it first. See: docker logs {member.name}"
        elif not member.running and not found.midway:
            yield f"{member.label} {member.problem}. Run playbook site.yml with version {_present(found)} first."


def _present(found: Situation) -> str:
    return ", ".join(sorted(found.present_versions, key=order)) or "of your choice"


def _repairs(found: Situation) -> Texts:
    """What an interrupted run left."""
    if not found.midway or not found.needed:
        return
    for member in found.members:
        if not member.running:
            yield f"Half done: {member.label} {member.problem}; it is started first."
        elif member.state == "changed" and found.failing(member.id):
            yield f"Half done: {member.label} ({member.version}) does not answer; it is replaced first."
    if found.registered and found.shards and int(found.summary.get("connected_coreapps") or 0) < found.shards:
        yield f"Half done: {found.summary.get('connected_coreapps')} of {found.shards} shards are served."


def _unregistered(found: Situation) -> Texts:
    if found.registered is False:
        yield "No phone number is registered: nothing is served, and no gate can look at the shards."


# --- versions ---------------------------------------------------------------------------------------------------------


def _downgrade(found: Situation) -> Texts:
    if not found.newer or found.wish.allow_downgrade or found.schema_untouched:
        return
    running = ", ".join(sorted({member.version for member in found.newer}, key=order))
    yield (
        f"wabiz_version {found.wish.version} is older than {running}, which runs; the schema may be migrated already. "
        f"Go on to {running}, or restore the database's backup as docs/upgrade.md describes "
        "(wabiz_upgrade_allow_downgrade: true once that is done)."
    )


def _rules(found: Situation) -> Texts:
    yield from (rule.text for rule in found.rules if rule.effect == hops.REFUSAL)


def _advice(found: Situation) -> Texts:
    yield from (rule.text for rule in found.rules if rule.effect != hops.REFUSAL)


def _beta(found: Situation) -> Texts:
    if versions.is_beta(found.wish.version):
        days = hops.LIFETIME_DAYS[1]
        yield f"{found.wish.version} is a beta (even second number); it expires {days} days after its creation."


def _mixed(found: Situation) -> Texts:
    if len(found.present_versions - {found.wish.version}) > 1:
        yield f"Several other versions run: {_present(found)}."


def _expiry(found: Situation) -> dict[str, list[str]]:
    if not found.wish.today:
        return {"refusals": [], "warnings": []}
    own = tag(found.wish.version)
    own = {
        host: {"image_facts": {name: facts for name, facts in images.items() if name.endswith(own)}}
        for host, report in found.reports.items()
        for images in [report.get("image_facts") or {}]
    }
    return hops.expiry(own, found.wish.today, found.wish.allow_expired)


# --- capacity ---------------------------------------------------------------------------------------------------------


def _no_standby(found: Situation) -> bool:
    """Whether the shards of coreapps that are replaced have no standby to go to."""
    replaced = any(member.service == "coreapp" for member in found.to_do)
    return bool(replaced and found.registered and found.shards and len(found.machines["coreapp"]) <= found.shards)


def _standby(found: Situation) -> Texts:
    if _no_standby(found) and not found.wish.without_standby:
        yield (
            f"{len(found.machines['coreapp'])} coreapps for {found.shards} shards leave no standby, so every shard "
            "would be without service while its coreapp restarts. Add a coreapp "
            "(wabiz_upgrade_without_standby: true goes on)."
        )


def _accepted(found: Situation) -> Texts:
    if _no_standby(found) and found.wish.without_standby:
        yield "There is no standby: every shard is without service while its coreapp restarts."


def _few(found: Situation) -> Texts:
    changed = {member.service for member in found.to_do}
    if "webapp" in changed and len(found.machines["webapp"]) == 1:
        yield "There is one webapp: the API is unavailable while it restarts, and requests fail."
    if "master" in changed and len(found.machines["master"]) == 1:
        yield "There is one master: a coreapp that fails is found after minutes, not seconds, and not at all meanwhile."


def _outsiders(found: Situation) -> Texts:
    if found.strangers:
        yield (
            f"Nodes answer that no host of the inventory runs: {', '.join(found.strangers)}. "
            "They would stay on the old version: put their hosts into the inventory or stop them."
        )
    surplus = [f"{item['host']}/{item['name']}" for item in found.surplus if item["running"]]
    if surplus:
        yield f"Coreapps that the inventory does not name: {', '.join(surplus)}. Run playbook multiconnect.yml first."


# --- database and disks -----------------------------------------------------------------------------------------------


def _database(found: Situation) -> Texts:
    for host, report in sorted(found.reports.items()):
        for address, error in (report.get("connections") or {}).items():
            if error:
                yield f"{host} cannot reach the database at {address}: {error}."


def _disk(found: Situation) -> Texts:
    for host, report in sorted(found.reports.items()):
        missing = [name for name, where in (report.get("images") or {}).items() if where != "local"]
        free = report.get("disk_free", 0) / 1e9
        if missing and free < found.wish.minimum_disk_gb:
            wanted = f"{found.wish.minimum_disk_gb:g} GB"
            yield f"{host} has {free:.1f} GB free for Docker; the new images want {wanted}. Make room."
    for host in _servers(found) if _migrates(found) else []:
        free = found.reports[host].get("disk_free", 0) / 1e9
        if free < found.wish.minimum_disk_gb:
            yield f"{host}, the database server, has {free:.1f} GB free. Make room before its schema is changed."


def _migrates(found: Situation) -> bool:
    return found.dbupgrade or found.migrated_by_master


def _servers(found: Situation) -> list[str]:
    """Database servers that role database runs; the disk of others cannot be seen."""
    return [host for host in (found.topology.get("groups") or {}).get("database", []) if host in found.reports]


def _room(found: Situation) -> Texts:
    """A warning only, as the need is an estimate."""
    if not _migrates(found) or not found.messages:
        return
    need = found.messages * BYTES_PER_ROW / 1e9
    if not _servers(found) and found.messages > LARGE_DATABASE:
        yield f"The migration may need {need:.1f} GB on the database server, whose disk cannot be seen from here."
    for host in _servers(found):
        free = found.reports[host].get("disk_free", 0) / 1e9
        if free < need:
            yield f"{host}, the database server, has {free:.1f} GB free; the migration may need {need:.1f} GB."


def _messages(found: Situation) -> Texts:
    if not _migrates(found):
        return
    if found.messages is None:
        reason = found.uncounted or "no node tells it."
        yield f"The number of messages, and so the time of the migration, is not known: {reason}"
    elif found.messages > LARGE_DATABASE:
        again = ", several times until it ends without an error" if found.messages > SEVERAL_COLLECTIONS else ""
        advice = f"collect garbage first{again}, off-peak, inbound messages read (wabiz_upgrade_gc: true does it once)"
        if found.wish.gc:
            advice = "garbage is collected first"
        yield f"{found.messages} messages are a large database (more than {LARGE_DATABASE}): {advice}."
