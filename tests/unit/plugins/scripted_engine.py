# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container engine's HTTP API on a Unix socket that answers what a test says."""

from __future__ import annotations

import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ID = "0123456789abcdef" * 4
INFO = {
    "ServerVersion": "20.10.24",
    "DockerRootDir": "/",
    "Architecture": "x86_64",
    "SecurityOptions": ["name=seccomp,profile=default"],
}


class ScriptedEngine:
    """Answers by path: status and what becomes JSON, or bytes as they are; what is not listed is not there."""

    def __init__(self, **lists: Any) -> None:
        self.answers: dict[str, tuple[int, Any]] = {
            "/info": (200, INFO),
            "/version": (200, {"ApiVersion": "1.41", "Components": [{"Name": "Engine"}]}),
            "/containers/json?all=1": (200, lists.get("containers", [])),
            "/networks": (200, lists.get("networks", [])),
            "/volumes": (200, {"Volumes": lists.get("volumes", [])}),
        }
        self.slow: set[str] = set()
        # Paths whose answer ends with the connection, as the output of a command does.
        self.streams: set[str] = set()
        self.asked: list[str] = []
        self.logins: dict[str, list[str | None]] = {}
        self._over = threading.Event()

    def inspected(self, details: dict[str, Any], identity: str = ID) -> None:
        self.answers[f"/containers/{identity}/json"] = (200, details)

    @contextmanager
    def listening(self, path: Path) -> Iterator[Path]:
        """Serve on a socket at this path."""
        with socketserver.ThreadingUnixStreamServer(str(path), self._handler()) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
            yield path
            self._over.set()
            server.shutdown()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        engine = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.do_GET()

            def do_GET(self) -> None:
                engine.asked.append(self.path)
                engine.logins.setdefault(self.path, []).append(self.headers.get("X-Registry-Auth"))
                if self.path in engine.slow:
                    engine._over.wait(20)
                status, answer = engine.answers.get(self.path, (404, {"message": "no such thing"}))
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                if self.path in engine.streams:
                    self.close_connection = True
                else:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.path in engine.streams:
                    # A client reads it from the socket, after the headers; what comes with them it does not see.
                    engine._over.wait(0.5)
                self.wfile.write(body)

            def address_string(self) -> str:
                return "unix"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    # The client has disconnected meanwhile.
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
                pass

        return Handler
