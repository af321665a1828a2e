# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requested change of the number of shards."""

from __future__ import annotations

from dataclasses import dataclass


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
