"""Runs a command in a new network that has the loopback interface only, as `unshare --net` leaves it, but up.

python -m tests.support.loopback COMMAND...
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys

_SIOCSIFFLAGS = 0x8914
_UP = 0x1
# Whoever is not root becomes it in a namespace of users of its own.
_UNSHARE = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]


def command(*wanted: str) -> list[str]:
    """The command line with which another one runs in such a network."""
    return [*_UNSHARE, sys.executable, __file__, *wanted]


def raise_loopback() -> None:
    """Bring the loopback interface up."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _UP))


if __name__ == "__main__":
    raise_loopback()
    sys.exit(subprocess.call(sys.argv[1:]))
