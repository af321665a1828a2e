"""A proxy that opens tunnels (CONNECT) and remembers where to; anything else is refused.

with Tunnel() as proxy:
    ...                      # clients use http://this-machine:{proxy.port}
    assert proxy.targets == {"10.77.0.14:8443"}

It finds the lab's hosts by a function that is given, as this machine does not know their names.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

_PATIENCE = 15.0  # seconds of silence in a tunnel
_LONGEST_HEAD = 65536


class _Handler(socketserver.StreamRequestHandler):
    server: Tunnel
    timeout = _PATIENCE

    def handle(self) -> None:
        method, target, *_version = self.rfile.readline(_LONGEST_HEAD).decode("latin-1").split()
        while self.rfile.readline(_LONGEST_HEAD).strip():
            pass
        if method != "CONNECT":
            self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
            return
        self.server.targets.add(target)
        host, _, port = target.rpartition(":")
        with socket.create_connection((self.server.find(host), int(port)), _PATIENCE) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            answers = threading.Thread(target=_copy, args=(there, self.connection), daemon=True)
            answers.start()
            _copy(self.connection, there)
            answers.join(_PATIENCE)


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Pass everything on until one side ends."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


class Tunnel(socketserver.ThreadingTCPServer):
    """The proxy, on every address of this machine; ``targets`` are the host:port that clients asked for."""

    daemon_threads = True

    def __init__(self, find: Callable[[str], str] = str) -> None:
        super().__init__(("", 0), _Handler)
        self.find = find
        self.targets: set[str] = set()
        self.port = int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
