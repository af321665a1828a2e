# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a zone (a rack, a room) holds too much of: what the cluster cannot do without. Pure functions, no I/O."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.capacity import least_nodes
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

# The zone of every node, by service; empty for a node whose host has none.
Zones = t.Mapping[str, t.Sequence[str]]


def known(zones: Zones) -> bool:
    """Whether every node has a zone, so that something can be said of them."""
    named = [zone for service in zones.values() for zone in service]
    return bool(named) and all(named)


def overloaded(zones: Zones, shards: int) -> dict[str, dict[str, tuple[int, int]]]:
    """By zone and service: how many nodes are left without the zone, and how many are needed, where they are too few.

    A service that has too few nodes anyway is no fault of a zone.
    """
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for service, least in least_nodes(shards).items():
        placed = Counter(zones.get(service, ()))
        for zone, count in sorted(placed.items()):
            left = sum(placed.values()) - count
            if left < least <= left + count:
                found.setdefault(zone, {})[service] = (left, least)
    return found


def findings(zones: Zones, shards: int) -> t.Iterator[Finding]:
    """A warning for each zone whose loss stops the cluster, or a shard of it."""
    for zone, services in overloaded(zones, shards).items() if known(zones) else ():
        counted = ", ".join(f"{left} of {least} needed for {service}" for service, (left, least) in services.items())
        yield Finding(
            f"zone {zone}",
            f"holds too much: without it there are too few nodes ({counted}).",
            "Move or add nodes to other zones.",
            fatal=False,
        )
