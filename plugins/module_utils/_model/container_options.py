# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a container from several sources, merged; and what a list of published ports claims. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import bracketed

Options = dict[str, t.Any]

# Words that make sense together only.
_WHOLE = frozenset({"command", "entrypoint"})
# These take the limits that the roles set; other log drivers have options of their own.
_LIMITED = frozenset({"json-file", "local"})


def merged(*layers: t.Mapping[str, t.Any]) -> Options:
    """Merge options, the later ones over the earlier: dictionaries by key, lists by what is new; null is nothing."""
    found: Options = {}
    for layer in layers:
        # What one driver takes another may refuse.
        drivers = {found.get("log_driver"), layer.get("log_driver")} - {None}
        if len(drivers) > 1 and not drivers <= _LIMITED:
            found.pop("log_options", None)
        for name, value in layer.items():
            if value is not None:
                found[name] = _joined(name, found.get(name), value)
    return found


def _joined(name: str, there: t.Any, value: t.Any) -> t.Any:
    if isinstance(there, dict) and isinstance(value, dict):
        return {**there, **value}
    if isinstance(there, list) and isinstance(value, list) and name not in _WHOLE:
        if name == "ulimits":
            there = [limit for limit in there if not any(_same_limit(limit, other) for other in value)]
        return [*there, *(item for item in value if item not in there)]
    return value


def published_ports(address: str | None, pairs: t.Iterable[t.Sequence[int]]) -> list[str]:
    """How docker_container publishes pairs of a host's and a container's port, on one address of the host or on all."""
    place = f"{bracketed(address)}:" if address else ""
    return [f"{place}{host}:{inner}" for host, inner in pairs]


def _same_limit(limit: str, other: str) -> bool:
    """Whether both are of one kind, such as nofile; an engine takes one of each."""
    return limit.partition(":")[0] == other.partition(":")[0]


def host_ports(published: t.Iterable[str]) -> list[int]:
    """The TCP ports of the host that published_ports names; one that Docker may choose, or a wrong one, is none."""
    found: list[int] = []
    for entry in published:
        place, _slash, protocol = entry.partition("/")
        # [address:][port[-port]:]port, where an IPv6 address has brackets.
        parts = place.rpartition("]")[2].split(":")
        first, _hyphen, last = parts[-2].partition("-") if len(parts) > 1 else ("", "", "")
        if protocol in ("", "tcp") and first.isdecimal() and (last or first).isdecimal():
            found += range(int(first), int(last or first) + 1)
    return found
