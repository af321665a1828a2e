# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HAProxy tells on its runtime socket."""

from __future__ import annotations

import socket
import time

_COMMAND = b"show stat\n"
_LARGEST = 4_000_000


def statistics(path: str, timeout: float) -> str:
    """The answer to C(show stat), CSV text; empty where it does not come within C(timeout) seconds."""
    ends = time.monotonic() + timeout
    received = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as balancer:
            balancer.settimeout(timeout)
            balancer.connect(path)
            balancer.sendall(_COMMAND)
            # HAProxy closes the connection after its answer.
            while len(received) < _LARGEST:
                balancer.settimeout(max(0.01, ends - time.monotonic()))
                part = balancer.recv(65536)
                if not part:
                    return received.decode("utf-8", "replace")
                received += part
    except OSError:
        pass
    return ""
