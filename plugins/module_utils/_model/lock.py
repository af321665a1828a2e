# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's lock, as M(wabiz.onprem.host_info) returns it: who holds it, and what for."""

from __future__ import annotations

import typing as t

Lock = t.Mapping[str, t.Any]


def found(reports: t.Mapping[str, t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """The lock with the host that keeps it; empty where no run holds it or the host was not inspected."""
    return next(({**report["lock"], "host": host} for host, report in reports.items() if report.get("lock")), {})


def in_force(lock: Lock) -> bool:
    """Whether a run has it now."""
    return bool(lock.get("holder")) and not lock["expired"]


def _holder(lock: Lock) -> str:
    """Who has it and what for."""
    return f"{lock['holder']} for {lock['purpose']}" if lock["purpose"] else str(lock["holder"])


def held(lock: Lock) -> str:
    """Who has it, what for, and how long."""
    return f"{_holder(lock)}, since {lock['since']}, until {lock['until']}"


def left(lock: Lock) -> str:
    """What is said of one that has expired and was not released."""
    return f"lock of {_holder(lock)} expired at {lock['until']}; that run did not finish"
