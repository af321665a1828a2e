# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the nodes will reach each other, by what M(wabiz.onprem.reachability_info) found on each host. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.numbers import ranges
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

Report = t.Mapping[str, t.Any]
Peer = t.Mapping[str, t.Any]


def reachability_faults(reports: t.Mapping[str, Report]) -> t.Iterator[Finding]:
    """What is wrong between the hosts; one finding for all that see the same of a peer.

    A port that is not reached is only a fault where something is known to listen on it: another host has reached it, or
    it was seen to. Otherwise nothing may have been started there, or what runs there may be what is to be repaired.
    """
    for host, report in reports.items():
        if report["problem"]:
            yield Finding(
                host,
                f"it could not be looked from a container which peers it reaches: {report['problem'].rstrip('.')}.",
                "See whether a container on the cluster's network can be started and reaches them.",
                fatal=False,
            )
    looks = [(host, peer) for host, report in reports.items() for peer in report["peers"]]
    alive = {_key(peer) for _host, peer in looks if peer["listens"] or not peer["failed_at"]}
    yield from _unknown_names([look for look in looks if look[1]["failed_at"] == "resolve"])
    # Where an address leads some hosts to another machine, it is the cause for those that reach nothing too.
    misleading = {_end(peer) for _host, peer in looks if peer["failed_at"] == "identity"}
    misled = [look for look in looks if _end(look[1]) in misleading and look[1]["failed_at"] in ("identity", "connect")]
    yield from _others(misled)
    unreached = [look for look in looks if look[1]["failed_at"] == "connect" and look not in misled]
    yield from _unreached([look for look in unreached if _key(look[1]) in alive], fatal=True)
    yield from _unreached([look for look in unreached if _key(look[1]) not in alive], fatal=False)


def _key(peer: Peer) -> tuple[str, str, int]:
    return peer["host"], peer["address"], peer["port"]


def _end(peer: Peer) -> tuple[str, str]:
    """Host and address of the other end."""
    return peer["host"], peer["address"]


def _by_peer(looks: t.Iterable[tuple[str, Peer]]) -> dict[tuple[str, str], list[tuple[str, Peer]]]:
    found: dict[tuple[str, str], list[tuple[str, Peer]]] = {}
    for host, peer in looks:
        found.setdefault(_end(peer), []).append((host, peer))
    return found


def _unknown_names(looks: list[tuple[str, Peer]]) -> t.Iterator[Finding]:
    for (other, address), seen in _by_peer(looks).items():
        yield Finding(
            _hosts(seen),
            f"containers do not find {address}, the name of {other}: {_reasons(seen)}.",
            "Enter the name in DNS, write an address instead, or give it to the containers with wabiz_extra_hosts.",
        )


def _others(looks: list[tuple[str, Peer]]) -> t.Iterator[Finding]:
    for (other, address), seen in _by_peer(looks).items():
        answered = [(host, peer) for host, peer in seen if peer["failed_at"] == "identity"]
        names = ", ".join(dict.fromkeys(peer["reason"] or "an unknown one" for _host, peer in answered))
        yield Finding(
            _hosts(seen),
            f"{address}, the address of {other}, leads to another host from here ({names}; {_ports(answered)}).",
            "Correct wabiz_external_hostname: each host needs a name or address under which all others reach it.",
        )


def _unreached(looks: list[tuple[str, Peer]], fatal: bool) -> t.Iterator[Finding]:
    """What the same hosts do not reach has the same cause."""
    by_port: dict[tuple[str, str, int], list[tuple[str, Peer]]] = {}
    for host, peer in looks:
        by_port.setdefault(_key(peer), []).append((host, peer))
    by_lookers: dict[str, list[tuple[str, Peer]]] = {}
    for seen in by_port.values():
        by_lookers.setdefault(_hosts(seen), []).extend(seen)
    for lookers, seen in by_lookers.items():
        ends = ", ".join(f"{_ports(some)} of {_named(end, some)}" for end, some in _by_peer(seen).items())
        yield Finding(
            lookers,
            f"{ends} cannot be reached from a container: {_reasons(seen)}."
            f"{'' if fatal else ' It is not known whether anything listens there.'}",
            "Check the address, and the firewalls on both ends and between them; ports.yml shows what is needed.",
            fatal=fatal,
        )


def _named(end: tuple[str, str], looks: list[tuple[str, Peer]]) -> str:
    """The host, its address, and what a name was found to mean."""
    other, address = end
    found = dict.fromkeys([address, *(one for _host, peer in looks for one in peer["addresses"])])
    more = ", ".join(one for one in found if one != other)
    return f"{other} ({more})" if more else other


def _hosts(looks: list[tuple[str, Peer]]) -> str:
    return ", ".join(dict.fromkeys(host for host, _peer in looks))


def _reasons(looks: list[tuple[str, Peer]]) -> str:
    return " or ".join(dict.fromkeys(peer["reason"].rstrip(".") for _host, peer in looks))


def _ports(looks: list[tuple[str, Peer]]) -> str:
    numbers = {peer["port"] for _host, peer in looks}
    return f"{'port' if len(numbers) == 1 else 'ports'} {ranges(numbers)}"
