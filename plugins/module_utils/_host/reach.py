# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be reached from here: names, ports, and whether it is the expected one who answers."""

from __future__ import annotations

import os
import socket
import typing as t
from concurrent.futures import ThreadPoolExecutor

_AT_ONCE = 64
_LONGEST = 300

Peer = dict[str, t.Any]


def reach(peers: t.Sequence[Peer], timeout: float) -> list[Peer]:
    """The peers (C(address), C(port), C(greeting)) as given, each with C(addresses), C(failed_at) and C(reason).

    For a child that looks from a container: how names are asked for is changed for the whole process.
    """
    os.environ["RES_OPTIONS"] = "timeout:2 attempts:2"
    names = list(dict.fromkeys(peer["address"] for peer in peers))
    if not names:
        return []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip(names, pool.map(_resolve, names)))
        return list(pool.map(lambda peer: {**peer, **_seen(peer, found[peer["address"]], timeout)}, peers))


def _resolve(name: str) -> tuple[list[str], str]:
    """The addresses of a name, or why there are none."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return [], _words(error)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found)), ""


def _seen(peer: Peer, name: tuple[list[str], str], timeout: float) -> Peer:
    addresses, reason = name
    if reason:
        return {"addresses": [], "failed_at": "resolve", "reason": reason}
    greeting = str(peer.get("greeting") or "")
    refused = ""
    # As clients do: the next address where one does not answer.
    for address in addresses:
        try:
            with socket.create_connection((address, peer["port"]), timeout) as connection:
                heard = _heard(connection, greeting)
        except OSError as error:
            refused = refused or _words(error)
            continue
        failed = "identity" if heard != greeting else ""
        return {"addresses": addresses, "failed_at": failed, "reason": heard if failed else ""}
    return {"addresses": addresses, "failed_at": "connect", "reason": refused}


def _heard(connection: socket.socket, greeting: str) -> str:
    """What the other end says of itself; it is not asked where nothing is expected."""
    if not greeting:
        return ""
    text = b""
    try:
        while len(text) < _LONGEST and (part := connection.recv(_LONGEST)):
            text += part
    except OSError:
        # What is no listener of ours need not speak first.
        pass
    return text.decode(errors="replace")


def _words(error: Exception) -> str:
    if isinstance(error, socket.timeout):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
