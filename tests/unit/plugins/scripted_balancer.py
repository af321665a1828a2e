# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HAProxy's runtime socket on this machine, and what of socat asks it."""

from __future__ import annotations

import os
import shutil
import socketserver
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

# No cluster of this machine has the name.
CLUSTER = f"test-{os.getpid()}"
_RUNTIME = Path("/run") / f"{CLUSTER}-loadbalancer-1"
_COLUMNS = "# pxname,svname,qcur,scur,status,weight,type"
_SOCAT = f"""#!{sys.executable}
import socket, sys
with socket.socket(socket.AF_UNIX) as client:
    client.connect(sys.argv[-1].removeprefix("UNIX-CONNECT:"))
    client.sendall(sys.stdin.buffer.read())
    while piece := client.recv(65536):
        sys.stdout.buffer.write(piece)
"""


def socat(folder: Path) -> dict[str, str]:
    """Put it into a directory, and return the environment in which it is found."""
    program = folder / "socat"
    program.write_text(_SOCAT, encoding="utf-8")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


@contextmanager
def balancer(states: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """A balancer with these servers, each UP or DRAIN; yields their states. Skipped without root's rights."""
    if not os.access(_RUNTIME.parent, os.W_OK):
        pytest.skip(f"{_RUNTIME.parent} belongs to root")
    known = dict(states)

    class Answer(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            commands = [command.split() for command in self.rfile.readline().decode().split(";")]
            for verb, *words in commands:
                if verb in ("enable", "set"):
                    server = next(word for word in words if "/" in word).partition("/")[2]
                    known[server] = "DRAIN" if "drain" in words else "UP"
            rows = [f"webapps,{name},0,0,{state},1,2" for name, state in known.items()]
            text = "\n".join([_COLUMNS, *rows]) if commands == [["show", "stat"]] else ""
            self.wfile.write(f"{text}\n".encode())

    _RUNTIME.mkdir(exist_ok=True)
    try:
        with socketserver.ThreadingUnixStreamServer(str(_RUNTIME / "admin.sock"), Answer) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield known
            server.shutdown()
    finally:
        shutil.rmtree(_RUNTIME)
