# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found, as the checks of verify.yml ask for it."""

from __future__ import annotations

import datetime as dt
import typing as t
from functools import cached_property

from ansible_collections.wabiz.onprem.plugins.module_utils._model import lock as locks
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import needs_engine
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.host_faults import unknown

CLUSTER = "the cluster"

Findings = t.Iterator[Finding]


class Look:
    """What was found, as the checks ask for it."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.cluster = facts.observed

    @cached_property
    def answering(self) -> dict[str, Dict]:
        """The surveys of the hosts that could be inspected."""
        return {host: survey for host, survey in self.facts.surveys.items() if "engine" in survey}

    @cached_property
    def whole(self) -> bool:
        """Whether every host of the cluster was inspected, so that what no host runs is known."""
        return not unknown(self.facts.surveys, self.facts.topology["services"])

    def needs_engine(self, host: str) -> bool:
        """Whether the inventory has containers on this host; a balancer is none."""
        return needs_engine(self.facts.topology["services"][host])

    @cached_property
    def nodes(self) -> list[tuple[Dict, Dict]]:
        """The nodes of the inventory on hosts whose engine answers, each with its container (empty where missing)."""
        there = {(item["host"], item["name"]): item for item in self.cluster.containers}
        return [
            (node, there.get((node["host"], node["name"]), {}))
            for node in self.facts.topology["nodes"]
            if self.answering.get(node["host"], {}).get("engine", {}).get("running")
        ]

    @cached_property
    def lock(self) -> Dict:
        return locks.found(self.facts.surveys)

    @property
    def in_use(self) -> bool:
        """Whether an operation is running, which explains its temporary changes."""
        return locks.in_force(self.lock)

    def disk_limit(self, host: str) -> tuple[str, float]:
        """The variable that says how much has to be free on the host, and its GB."""
        variable, limit = self.facts.topology["disk_limits"][host]
        return variable, limit

    def days_until(self, day: str) -> int:
        """How many days are left until C(day), YYYY-MM-DD; negative where it has passed."""
        return (dt.date.fromisoformat(day) - dt.date.fromisoformat(self.facts.today)).days

    def ends(self, where: str, what: str, left: int, remedy: str) -> Findings:
        """What has expired, and what does within C(wabiz_verify_days)."""
        if left < 0:
            yield Finding(where, f"{what} has expired.", remedy)
        elif left < int(self.facts.setting("verify_days") or 0):
            yield Finding(where, f"{what} expires in {left} day(s).", remedy, fatal=False)
