# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HAProxy's statistics (C(show stat), CSV) say of the requests between two readings. Pure functions, no I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.balancer_statistics import rows
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.numbers import whole

TOTAL, ANSWERED_5XX = "stot", "hrsp_5xx"
# Requests that were sent again to the same or to another server.
RETRIED = ("wretr", "wredis")
# No connection, no answer, one that broke off; where HAProxy could still tell the client it counts a 5xx too.
BROKEN = ("econ", "eresp", "srv_abrt")
ABANDONED = ("cli_abrt",)

Counters = dict[str, int]


def counters(text: str) -> dict[str, Counters]:
    """The counters of each server, and under C(BACKEND) those of all together."""
    names = (TOTAL, ANSWERED_5XX, *RETRIED, *BROKEN, *ABANDONED)
    return {row["svname"]: {name: whole(row.get(name)) or 0 for name in names} for row in rows(text)}


def growth(before: t.Mapping[str, str], after: t.Mapping[str, str]) -> dict[str, Counters]:
    """By how much each counter grew, over all balancers; one that was restarted meanwhile counts from nothing."""
    grown: dict[str, Counters] = {}
    for host, text in after.items():
        first = counters(before.get(host, ""))
        for server, found in counters(text).items():
            earlier = first.get(server, {})
            sums = grown.setdefault(server, dict.fromkeys(found, 0))
            restarted = found[TOTAL] < earlier.get(TOTAL, 0)
            for name, value in found.items():
                sums[name] += value if restarted else value - earlier.get(name, 0)
    return grown


def requests(before: t.Mapping[str, str] | None, after: t.Mapping[str, str] | None) -> dict[str, t.Any] | None:
    """Requests in all, failed and repeated by the balancer, as it counts them; None where no balancer was asked.

    A failed one got an answer 5xx (those that a client may repeat are among them) or none.
    """
    if not before or not after:
        return None
    grown = growth(before, after)
    backend = grown.pop("BACKEND", dict.fromkeys((TOTAL, ANSWERED_5XX, *RETRIED, *BROKEN, *ABANDONED), 0))
    return {
        "total": backend[TOTAL],
        "failed": max(backend[ANSWERED_5XX], sum(backend[name] for name in BROKEN)),
        "retried": sum(backend[name] for name in RETRIED),
        "by": {name: backend[name] for name in (ANSWERED_5XX, *BROKEN, *ABANDONED)},
        "per_server": grown,
    }
