# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers out of C(/v1/stats) and C(/v1/support). Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.numbers import whole

SINGLE = "single instance"

LARGE_DATABASE = 2_000_000


def by_node(section: Any) -> dict[str, dict[str, Any]]:
    """Return a statistics section as one dictionary per node; a single instance has the name V(single instance)."""
    if not isinstance(section, dict):
        return {}
    if any(isinstance(value, dict) and "data" in value for value in section.values()):
        return {SINGLE: section}
    return {name: metrics for name, metrics in section.items() if isinstance(metrics, dict)}


def total(section: Any, metric: str) -> int | None:
    """Return the sum of a metric over all nodes and labels, or None where no node has it."""
    values = [
        entry.get("value")
        for metrics in by_node(section).values()
        for entry in _entries(metrics.get(metric))
        if isinstance(entry, dict)
    ]
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    return int(sum(numbers)) if numbers else None


def _entries(metric: Any) -> list[Any]:
    """What a metric counts; nothing for one of an unexpected form."""
    data = metric.get("data") if isinstance(metric, dict) else None
    return data if isinstance(data, list) else []


def support_nodes(support: Any) -> dict[str, dict[str, Any]]:
    """Return the support information per node; a single instance has the name V(single instance)."""
    if not isinstance(support, dict):
        return {}
    if not support or not all(isinstance(value, dict) for value in support.values()):
        return {SINGLE: support} if support else {}
    return support


def moment(value: Any) -> dt.datetime | None:
    """Return a time given in seconds since 1970 (number or text, as the client mixes them) in UTC, or None."""
    try:
        seconds = float(value)
        return dt.datetime.fromtimestamp(seconds, dt.timezone.utc) if seconds > 0 else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def earliest_expiry(support: Any) -> dt.datetime | None:
    """Return when the first node's client version expires, in UTC, or None where no node says so."""
    moments = [moment(node.get("expire_timestamp")) for node in support_nodes(support).values()]
    return min((item for item in moments if item is not None), default=None)


def registration_age_days(support: Any, now: dt.datetime) -> float | None:
    """Return the days since the number was registered, or None where no node tells.

    The client does not name that moment; the oldest identity key stands for it, as it is made at registration.
    """
    nodes = support_nodes(support).values()
    moments = [moment(dig(node, "e2e", "identity_timestamp")) for node in nodes]
    oldest = min((item for item in moments if item is not None), default=None)
    return None if oldest is None else (now - oldest).total_seconds() / 86400


def media_free_gb(told: Iterable[Mapping[str, Any]]) -> float | None:
    """Return the least free space that a node sees for media, in GB, or None where none reports it."""
    seen = [whole(node.get(f"free_space_media_{way}")) for node in told for way in ("incoming", "outgoing")]
    numbers = [number for number in seen if number is not None and number > 0]
    return round(min(numbers) / 1e9, 1) if numbers else None
