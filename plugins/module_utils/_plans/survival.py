# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster survives, by host and by zone, as plans and status tell it. Pure functions, no I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict, machines, zones
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.zones import known


def survival(nodes: t.Iterable[Dict], shards: int) -> dict[str, dict[str, int] | None]:
    """How many hosts and how many zones may fail, by service; C(survives_zones) is None where not all have a zone."""
    there = list(nodes)
    places = zones(there)
    return {
        "survives": capacity.survival(machines(there), shards),
        "survives_zones": capacity.survival(places, shards) if known(places) else None,
    }


def lines(found: Dict) -> list[str]:
    """The same in sentences, one for hosts and one for zones, as far as they are known."""
    told = {"host": found["survives"], "zone": found["survives_zones"]}
    return [capacity.survival_text(counts, place) for place, counts in told.items() if counts]
