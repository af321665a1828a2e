# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two intervals by which masters find a coreapp that fails."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.numbers import whole

# The client's defaults, in seconds.
HEARTBEAT_INTERVAL = 5
UNHEALTHY_INTERVAL = 30


class Intervals(t.TypedDict):
    """Both intervals, in seconds."""

    heartbeat: int
    unhealthy: int


def intervals(settings: t.Mapping[str, t.Any] | None) -> Intervals:
    """Both intervals out of application settings; the client's defaults where none is stated that can be read."""
    given = settings or {}
    return {
        "heartbeat": whole(given.get("heartbeat_interval")) or HEARTBEAT_INTERVAL,
        "unhealthy": whole(given.get("unhealthy_interval")) or UNHEALTHY_INTERVAL,
    }
