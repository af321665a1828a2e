# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits of containers that C(docker update) can set, by docker_container's names."""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import mapping
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import Engine, EngineError, said

_OPTIONS = {
    "BlkioWeight": "blkio_weight",
    "CpuPeriod": "cpu_period",
    "CpuQuota": "cpu_quota",
    # docker_container has no option for these two.
    "CpuRealtimePeriod": "cpu_rt_period",
    "CpuRealtimeRuntime": "cpu_rt_runtime",
    "CpuShares": "cpu_shares",
    "CpusetCpus": "cpuset_cpus",
    "CpusetMems": "cpuset_mems",
    "Memory": "memory",
    "MemoryReservation": "memory_reservation",
    "MemorySwap": "memory_swap",
    "NanoCpus": "cpus",
    "PidsLimit": "pids_limit",
}


def read_limits(engine: Engine, names: t.Iterable[str]) -> dict[str, dict[str, t.Any]]:
    """The limits that each container has; what is not limited, and a container that is not there, is omitted.

    Raises EngineError where one cannot be inspected.
    """
    found: dict[str, dict[str, t.Any]] = {}
    for name in names:
        status, answer = engine.ask(f"/containers/{quote(name, safe='')}/json")
        if status == 404:
            continue
        if status != 200 or not isinstance(answer, dict):
            raise EngineError(said(status, answer))
        found[name] = _set(mapping(answer.get("HostConfig")))
    # An engine that cannot limit it writes -1 into containers that are to have a limit of memory.
    if any("memory_swap" in one for one in found.values()) and not mapping(engine.read("/info")).get("SwapLimit"):
        for one in found.values():
            one.pop("memory_swap", None)
    return found


def _set(settings: dict[str, t.Any]) -> dict[str, t.Any]:
    found = {option: settings.get(name) for name, option in _OPTIONS.items()}
    # No limit of processes is null, 0 or -1.
    return {option: value for option, value in found.items() if value and (option, value) != ("pids_limit", -1)}
