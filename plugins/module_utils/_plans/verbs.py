# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From facts to a verb's plan. Each plan is data with C(text), its lines for people; no I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._model import lock as locks
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import (
    collect_logs,
    failover_drill,
    media_gc,
    message_gc,
    ports,
    retire,
    site,
    status,
    uninstall,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.backups import backup, restore
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.dumps import plan as dumps
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.dumps.place import place
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.images import plan as images
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.multiconnect import plan as multiconnect
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.multiconnect.change import Change
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.rotation import plan as rotation
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.secrets import plan as secrets
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade import plan as upgrade
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade import record as records
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.situation import Situation, Wish
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verify import plan as verify

Plan = dict[str, t.Any]


def _status(facts: Facts) -> Plan:
    more = {
        "topology": facts.topology,
        "shards": {"shards": facts.shards},
        "settings": {"settings": facts.snapshot.get("settings")},
        "support": facts.support,
        "stats": facts.stats,
        "connections": facts.connections,
    }
    view = status.build(facts.topology["cluster"], facts.surveys, facts.health, more)
    return {**view, "text": status.render(view)}


def _failover_drill(facts: Facts) -> Plan:
    return failover_drill.plan(facts.observed, facts.setting("drill_target") or "")


def _multiconnect(facts: Facts) -> Plan:
    given = facts.setting
    change = Change(
        wanted=given("shards"),
        number=f"{given('phone_cc') or ''}{given('phone_number') or ''}",
        certificate=facts.certificate,
        certificate_date=given("certificate_date") or "",
        today=facts.today,
        heartbeat=given("heartbeat_interval") or 0,
        unhealthy=given("unhealthy_interval") or 0,
    )
    return multiconnect.plan(facts.observed, change)


def _upgrade(facts: Facts) -> Plan:
    given = facts.setting
    try:
        record, unreadable = records.read(facts.record), None
    except Unfit as unfit:
        record, unreadable = None, unfit
    wish = Wish(
        version=given("version"),
        engine=given("database_engine"),
        today=facts.today,
        allow_downgrade=given("upgrade_allow_downgrade"),
        allow_expired=given("upgrade_expired"),
        gc=given("upgrade_gc"),
        gc_above=given("message_gc_above"),
        gc_rounds=given("message_gc_runs"),
        gc_read=given("message_gc_read"),
        without_standby=given("upgrade_without_standby"),
        database_backup=_database_backup(facts),
        database_findings=dumps.backup_findings(facts) if _dumps(facts) else (),
        heartbeat_interval=given("upgrade_heartbeat_interval"),
        unhealthy_interval=given("upgrade_unhealthy_interval"),
        rows_per_second=given("upgrade_rows_per_second"),
        ownership_fix=given("upgrade_ownership_fix"),
        hops=given("upgrade_hops") or (),
    )
    found = Situation(
        facts.topology,
        facts.surveys,
        facts.health,
        facts.shards,
        facts.support,
        **facts.intervals,
        wish=wish,
        messages=facts.stats.get("messages"),
        uncounted=facts.stats.get("msg", ""),
        comparisons=facts.compared,
        record=record,
        unreadable=unreadable,
    )
    return upgrade.plan(found)


def _dumps(facts: Facts) -> bool:
    """Whether an upgrade dumps the databases itself; the site's own tasks take the place of that."""
    return bool(facts.setting("upgrade_database_backup")) and facts.setting("database_backup_tasks") is None


def _database_backup(facts: Facts) -> tuple[str, str]:
    if facts.setting("database_backup_tasks") is not None:
        return "the database", "wabiz_database_backup_tasks"
    return (dumps.target(facts), dumps.expected(facts)) if _dumps(facts) else ("", "")


def in_use(facts: Facts) -> list[str]:
    """A line about whoever else holds the cluster's lock; a run that changes the cluster would be refused."""
    lock = locks.found(facts.surveys)
    others = locks.in_force(lock) and lock["holder"] != facts.topology.get("holder")
    return [f"In use by {locks.held(lock)}."] if others else []


def _after_restoring(plan: t.Callable[[Facts], Plan]) -> t.Callable[[Facts], Plan]:
    """The plan of a playbook that first restores the webapps that a killed run has left drained, and says so."""

    def made(facts: Facts) -> Plan:
        found = plan(facts)
        left = [(host, named["drained"]) for host, named in facts.due.items() if "drained" in named]
        lines = [f"First restored at the balancer: {host}: {reason}." for host, reason in left]
        return {**found, "text": [*([] if found["refusals"] else lines), *found["text"]]}

    return made


VERBS: dict[str, t.Callable[[Facts], Plan]] = {
    "site": site.plan,
    "uninstall": uninstall.plan,
    "status": _status,
    "verify": verify.plan,
    "ports": ports.plan,
    "retire": retire.plan,
    "collect_logs": collect_logs.plan,
    "failover_drill": _failover_drill,
    "message_gc": message_gc.plan,
    "media_gc": media_gc.plan,
    "multiconnect": _after_restoring(_multiconnect),
    "upgrade": _after_restoring(_upgrade),
    "rotate_database_password": _after_restoring(rotation.plan),
    "rotate_secrets": _after_restoring(secrets.plan),
    "images": images.plan,
    "bring_images": images.bringing,
    "database_place": place,
    "database_backup": dumps.backup,
    "database_restore": dumps.restore,
    "backup": backup.plan,
    "restore": restore.plan,
}
