# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own sockets: what listens here, what can be reached from here."""

from __future__ import annotations

import socket
from pathlib import Path

_LISTEN = "0A"  # state of a listening socket in /proc/net/tcp


def listening_ports() -> set[int]:
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if Path(table).exists():
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
            fields = [line.split() for line in lines]
            ports |= {int(entry[1].rpartition(":")[2], 16) for entry in fields if entry[3] == _LISTEN}
    return ports


def try_address(address: str) -> str:
    """Empty where `address` is one of the host's, else the reason."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ""


def try_connect(address: str, timeout: float) -> str:
    """Empty where `address` (host:port) accepts a connection, else the reason."""
    host, _colon, port = address.rpartition(":")
    if not (host and port.isdecimal()):
        return "it is not of the form host:port"
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout).close()
    except (OSError, ValueError, OverflowError) as error:
        # Not OSError: a name that cannot be one, a port beyond 65535.
        return str(error) or type(error).__name__
    return ""
