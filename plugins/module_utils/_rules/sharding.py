# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""May the number of shards be changed now? The rules of the vendor's multiconnect guide, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import Health

ALLOWED = (1, 2, 4, 8, 16, 32)
CERTIFICATE_FREE_DAYS = 7.0


class Objection(NamedTuple):
    """A reason against a change. An operator may overrule it where C(forceable) is true."""

    reason: str
    remedy: str
    forceable: bool

    def __str__(self) -> str:
        overrule = " force=true overrules this." if self.forceable else ""
        return f"{self.reason}. {self.remedy}{overrule}"


@dataclass(frozen=True)
class Plan:
    """A wanted change. C(age_days) is the age of the registration in days, None where nobody knows."""

    current: int
    wanted: int
    certificate: bool
    version: str | None = None
    age_days: float | None = None


def objections(plan: Plan, health: Health) -> list[Objection]:
    """Return everything that speaks against the change; an empty list means go."""
    return _allowed(plan) + _cluster(plan, health) + _coreapps(plan, health) + _certificate(plan)


def _allowed(plan: Plan) -> list[Objection]:
    if plan.wanted in ALLOWED:
        return []
    remedy = f"Choose one of {', '.join(map(str, ALLOWED))}."
    return [Objection(f"{plan.wanted} is not an allowed number of shards", remedy, False)]


def _cluster(plan: Plan, health: Health) -> list[Objection]:
    if health.single:
        return [Objection("this is a single instance, not a cluster", "Start it with WA_APP_MULTICONNECT=1.", False)]
    if not health.registered:
        return [Objection("no phone number is registered", "Register it first.", False)]
    found = []
    if health.summary()["primary_master"] is None:
        found.append(Objection("there is not exactly one primary master", "Bring the masters up first.", False))
    if health.failing:
        names = ", ".join(node.name for node in health.failing)
        found.append(Objection(f"nodes with errors: {names}", "Repair or remove them first.", True))
    connected = len(health.connected_coreapps)
    if connected != plan.current:
        reason = f"{connected} coreapps are connected for {plan.current} shards"
        found.append(Objection(reason, "Wait until a failover or restart is over.", True))
    return found


def _coreapps(plan: Plan, health: Health) -> list[Objection]:
    running = len(health.coreapps)
    if running >= plan.wanted:
        return []
    reason = f"{plan.wanted} shards need as many running coreapps, {running} answer"
    return [Objection(reason, "Start more coreapps first, and one more to survive a failure.", False)]


def _certificate(plan: Plan) -> list[Objection]:
    if plan.certificate:
        return []
    if plan.version is not None and versions.shards_certificate_required(plan.version):
        return [Objection(f"version {plan.version} requires cert", "Give the verified-name certificate.", False)]
    if plan.age_days is not None and plan.age_days < CERTIFICATE_FREE_DAYS:
        return []
    age = "at an unknown time" if plan.age_days is None else f"{plan.age_days:.0f} days ago"
    reason = f"the number was registered {age}, and without cert the client is disconnected after 7 days"
    return [Objection(reason, "Give the verified-name certificate.", True)]


def send_certificate(version: str | None) -> bool:
    """Tell whether the client knows the C(cert) parameter; an unknown version counts as a recent one."""
    return version is None or versions.shards_certificate_accepted(version)


def served(plan: Plan, coreapps_before: int, health: Health) -> bool:
    """Tell whether the change has arrived: all coreapps are back and exactly one per shard is connected."""
    return (
        not health.failing
        and len(health.coreapps) >= coreapps_before
        and len(health.connected_coreapps) == plan.wanted
        and health.summary()["primary_master"] is not None
    )
