# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requested change of the number of shards, and what the cluster can be before it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import ObservedCluster
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity


@dataclass(frozen=True)
class Change:
    """What is wanted. `certificate` and `certificate_date` (YYYY-MM-DD) are empty where not given.

    `heartbeat` and `unhealthy` are the wanted intervals in seconds, 0 where the inventory leaves them alone.
    """

    wanted: int
    number: str
    certificate: str = ""
    certificate_date: str = ""
    today: str = ""
    heartbeat: int = 0
    unhealthy: int = 0


def coreapps_left(cluster: ObservedCluster) -> int:
    """How many coreapps can serve a shard before their number is set.

    Those of the inventory run by then; others count where they answer.
    """
    unnamed = {container["id"] for container in cluster.unnamed}
    named = {container["id"] for container in cluster.containers} - unnamed
    answering = capacity.coreapps(cluster.health.get("nodes") or [])
    others = sum(one.healthy and one.name not in named for one in answering)
    return len(cluster.machines["coreapp"]) + others


def served_before(cluster: ObservedCluster, change: Change) -> int | None:
    """How many shards have to be served before another number is set.

    None where fewer are wanted, and so many can never be served again.
    """
    if cluster.shards and change.wanted < cluster.shards and coreapps_left(cluster) < cluster.shards:
        return None
    return cluster.shards
