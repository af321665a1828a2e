# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of a container that are not those of its options.

docker_container compares only options that are given. It cannot remove a limit either: in an update of a container 0
means for the engine that the limit stays. Such a container has to be created again.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.text.formatters import human_to_bytes
from ansible_collections.wabiz.onprem.plugins.module_utils._host.comparison import Difference

_SIZES = frozenset({"memory", "memory_reservation", "memory_swap"})
_NANO = 1_000_000_000


def limit_differences(options: t.Mapping[str, t.Any], found: t.Mapping[str, t.Any]) -> list[Difference]:
    """One for each limit that is set and differs; a limit that is not set is docker_container's to find."""
    wanted = {option: _read(option, options[option]) for option in found if options.get(option) is not None}
    if options.get("memory") is not None and not wanted.get("memory_swap"):
        # What an engine makes of a limit of memory alone.
        wanted["memory_swap"] = 2 * _read("memory", options["memory"])
    return [
        Difference(option, _shown(option, value), _shown(option, wanted.get(option)))
        for option, value in sorted(found.items())
        if value != wanted.get(option)
    ]


def _read(option: str, value: t.Any) -> t.Any:
    """An option's value as the engine tells it."""
    if option == "memory_swap" and str(value) in ("unlimited", "-1"):
        return -1
    if option in _SIZES:
        return human_to_bytes(str(value))
    if option == "cpus":
        return round(float(value) * _NANO)
    return str(value) if option.startswith("cpuset_") else int(value)


def _shown(option: str, value: t.Any) -> t.Any:
    if not value:
        return "0 (no limit)"
    return value / _NANO if option == "cpus" else value
