# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may stop, in which order, and what it costs; what a cluster survives. Pure functions, no I/O."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass

from ansible_collections.wabiz.onprem.plugins.module_utils._model.heartbeat import (
    HEARTBEAT_INTERVAL,
    UNHEALTHY_INTERVAL,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

# More masters than that only wait.
MOST_MASTERS = 3
# Seconds without service for every shard when their number is set.
RESTART_SECONDS = (45, 60)
# Database monitoring, where a single master sends no heartbeats: silence of two minutes, judged each minute.
DATABASE_SECONDS = (120, 180)


@dataclass(frozen=True)
class Coreapp:
    """A coreapp as the cluster sees it: healthy answers without errors, connected holds a shard."""

    name: str
    healthy: bool = True
    connected: bool = False

    @property
    def serves(self) -> bool:
        """Whether a shard is without service after its stop, until another takes over."""
        return self.healthy and self.connected


def coreapps(health_nodes: t.Iterable[t.Mapping[str, t.Any]]) -> list[Coreapp]:
    """The coreapps of a health answer, by the digits of their container's id."""
    return [
        Coreapp(node["container_id"], not node["errors"], node["gateway_status"] == "connected")
        for node in health_nodes
        if node["role"] == "coreapp"
    ]


def may_stop(coreapps: t.Sequence[Coreapp], name: str, shards: int) -> Finding | None:
    """What speaks against the stop of one coreapp: none is stopped that would leave fewer healthy ones than shards.

    One that is not healthy serves no shard, so its stop costs nothing and is always allowed.
    """
    target = next((coreapp for coreapp in coreapps if coreapp.name == name), None)
    if target is None or not target.healthy:
        return None
    left = sum(coreapp.healthy for coreapp in coreapps) - 1
    if left >= shards:
        return None
    return Finding("", f"without {name} {left} healthy coreapps would be left for {shards} shards.")


def removal_order(coreapps: t.Sequence[Coreapp], surplus: t.Collection[str]) -> list[Coreapp]:
    """The surplus in the order of removal: first those that serve no shard, then standbys, then connected ones."""
    known = {coreapp.name: coreapp for coreapp in coreapps}
    unknown = [Coreapp(name, healthy=False) for name in surplus if name not in known]
    candidates = [known[name] for name in surplus if name in known] + unknown
    return sorted(candidates, key=lambda coreapp: (coreapp.healthy, coreapp.connected, coreapp.name))


def next_removal(
    coreapps: t.Sequence[Coreapp], surplus: t.Collection[str], shards: int
) -> tuple[Coreapp, Finding | None]:
    """The one of the surplus to be removed now, and what speaks against it; ValueError where there is no surplus."""
    order = removal_order(coreapps, surplus)
    if not order:
        raise ValueError("there is no surplus")
    return order[0], may_stop(coreapps, order[0].name, shards)


def survives(machines: t.Iterable[str], least: int) -> int:
    """How many machines may be lost, whichever they are, so that at least `least` nodes are left.

    `machines` names the machine of every node. -1 where there are too few nodes to begin with.
    """
    left = sorted(Counter(machines).values())
    if sum(left) < least:
        return -1
    lost = 0
    while left and sum(left[:-1]) >= least:
        left.pop()
        lost += 1
    return lost


def least_nodes(shards: int) -> dict[str, int]:
    """How many nodes of each service have to be left: a webapp, a master and a coreapp for each shard."""
    return {"webapp": 1, "master": 1, "coreapp": shards}


def survival(machines: t.Mapping[str, t.Sequence[str]], shards: int) -> dict[str, int]:
    """How many machines, or zones, a cluster may lose, by service.

    `machines` names, by service, the machine or zone of every node. -1 where nodes are already missing.
    """
    return {f"{service}s": survives(machines.get(service, ()), least) for service, least in least_nodes(shards).items()}


def survival_text(survives: t.Mapping[str, int], place: str = "host") -> str:
    """How many hosts, or other places, may fail, in words."""
    least = min(survives.values())
    details = ", ".join(f"{service} {max(count, 0)}" for service, count in survives.items())
    if least < 0:
        return f"nodes are already missing ({place} failures tolerated per service: {details})"
    places = f"no {place} failure" if least == 0 else f"the failure of any {least} {place}(s)"
    return f"the cluster survives {places} ({place} failures tolerated per service: {details})"


def crowded(machines: t.Mapping[str, t.Sequence[str]]) -> dict[str, dict[str, int]]:
    """Machines with several nodes of one service: {service: {machine: nodes}}."""
    counted = {service: Counter(names) for service, names in machines.items()}
    return {
        service: {machine: count for machine, count in sorted(counts.items()) if count > 1}
        for service, counts in counted.items()
        if max(counts.values(), default=0) > 1
    }


def failover_seconds(
    masters: int, heartbeat: int = HEARTBEAT_INTERVAL, unhealthy: int = UNHEALTHY_INTERVAL
) -> tuple[int, int]:
    """Least and most seconds until a silent coreapp's shard is given to another."""
    return (unhealthy, unhealthy + heartbeat) if masters > 1 else DATABASE_SECONDS
