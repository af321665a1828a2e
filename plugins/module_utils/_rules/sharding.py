# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""May the number of shards be changed now? The rules of the vendor's multiconnect guide, as pure functions."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import Health
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity, cluster_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

ALLOWED = (1, 2, 4, 8, 16, 32)
CERTIFICATE_FREE_DAYS = 7.0


@dataclass(frozen=True)
class Plan:
    """A wanted change. C(age_days) is the age of the registration in days, None where it is not known."""

    current: int
    wanted: int
    certificate: bool
    version: str | None = None
    age_days: float | None = None


def objections(plan: Plan, health: Health) -> list[Finding]:
    """Return everything that speaks against the change; an empty list means that it may be made."""
    checks = (*_cluster(plan, health), *_coreapps(plan, health), *_certificate(plan))
    return [*not_allowed(plan.wanted), *checks]


def not_allowed(shards: int) -> t.Iterator[Finding]:
    """The client knows certain numbers only."""
    if shards not in ALLOWED:
        choices = ", ".join(map(str, ALLOWED))
        yield Finding("", f"{shards} is not an allowed number of shards.", f"Choose one of {choices}.")


def certificate_required(version: str | None) -> Finding:
    """The client takes no number of shards without it."""
    problem = f"Version {version or 'unknown'} requires the verified-name certificate."
    return Finding("", problem, "Give it.")


def _cluster(plan: Plan, health: Health) -> t.Iterator[Finding]:
    if health.single:
        yield cluster_faults.single_instance()
        return
    if not health.registered:
        yield cluster_faults.unregistered()
        return
    if health.summary()["primary_master"] is None:
        yield Finding("", "There is not exactly one primary master.", "Bring the masters up first.")
    if health.failing:
        names = ", ".join(node.name for node in health.failing)
        yield Finding("", f"Nodes with errors: {names}.", "Repair or remove them first.", forceable=True)
    for finding in cluster_faults.connected_for(len(health.connected_coreapps), plan.current):
        yield replace(finding, forceable=True)


def _coreapps(plan: Plan, health: Health) -> t.Iterator[Finding]:
    running = len(health.coreapps)
    if running < plan.wanted:
        problem = f"{plan.wanted} shards need as many running coreapps, {running} answer."
        yield Finding("", problem, "Start more coreapps first, and one more to survive a failure.")


def _certificate(plan: Plan) -> t.Iterator[Finding]:
    if plan.certificate:
        return
    if plan.version is not None and versions.shards_certificate_required(plan.version):
        yield certificate_required(plan.version)
    elif plan.age_days is None or plan.age_days >= CERTIFICATE_FREE_DAYS:
        age = "at an unknown time" if plan.age_days is None else f"{plan.age_days:.0f} days ago"
        problem = f"The number was registered {age}, and without cert the client is disconnected after 7 days."
        yield Finding("", problem, "Give the verified-name certificate.", forceable=True)


def send_certificate(version: str | None) -> bool:
    """Tell whether the client knows the C(cert) parameter; an unknown version counts as a recent one."""
    return version is None or versions.shards_certificate_accepted(version)


def served(plan: Plan, before: Health, health: Health) -> bool:
    """Tell whether all coreapps are back and exactly one per shard is connected.

    Who had an error before may have it still.
    """
    failed = {node.name for node in before.failing}
    return (
        all(node.name in failed for node in health.failing)
        and len(health.coreapps) >= len(before.coreapps)
        and len(health.connected_coreapps) == plan.wanted
        and health.summary()["primary_master"] is not None
    )


class Arrival:
    """Whether a change has arrived, by one look after the other.

    Where the wanted number was connected before the change, the coreapps look the same before their restart and after
    it: only a look in between tells, or the time that a restart takes.
    """

    def __init__(self, plan: Plan, before: Health) -> None:
        self._plan, self._before = plan, before
        self._restarted = not served(plan, before, before)

    def seen(self, health: Health, seconds: float) -> bool:
        """Tell it by what is seen so many seconds after the call."""
        there = served(self._plan, self._before, health)
        self._restarted = self._restarted or not there
        return there and (self._restarted or seconds >= capacity.RESTART_SECONDS[0])
