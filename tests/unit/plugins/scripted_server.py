# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTPS server that follows a script: it checks each request, in order, and gives the script's answer."""

from __future__ import annotations

import json
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Step:
    """One expected request and its answer. None means that a part does not matter."""

    method: str
    path: str
    status: int = 200
    answer: Any = None
    payload: Any = None
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    raw_answer: bytes | None = None
    content_type: str = "application/json"
    drop: bool = False

    def faults(self, method: str, path: str, headers: dict[str, str], body: bytes) -> list[str]:
        """Return how a request differs from what was expected."""
        found = []
        if (method, path) != (self.method, self.path):
            found.append(f"expected {self.method} {self.path}, got {method} {path}")
        for name, value in self.headers.items():
            if headers.get(name.lower()) != value:
                found.append(
                    f"{self.method} {self.path}: header {name} is {headers.get(name.lower())!r}, not {value!r}"
                )
        if self.payload is not None and (not body or json.loads(body) != self.payload):
            found.append(f"{self.method} {self.path}: body is {body!r}, not {self.payload!r}")
        if self.text is not None and body.decode() != self.text:
            found.append(f"{self.method} {self.path}: text is {body!r}, not {self.text!r}")
        return found

    def body(self) -> bytes:
        """Return the answer's body."""
        if self.raw_answer is not None:
            return self.raw_answer
        return b"" if self.answer is None else json.dumps(self.answer).encode()


@dataclass
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class ScriptedServer:
    """Listens on 127.0.0.1 and plays a list of steps."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.steps: list[Step] = []
        self.seen: list[Seen] = []
        self.faults: list[str] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        # A client that refuses our certificate is part of the tests.
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Return the port."""
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """Return the base address for C(endpoints)."""
        return f"https://127.0.0.1:{self.port}"

    def expect(self, *steps: Step) -> None:
        """Append to the script."""
        self.steps.extend(steps)

    def calls(self) -> list[str]:
        """Return method and path of all requests so far."""
        return [f"{seen.method} {seen.path}" for seen in self.seen]

    def verify(self) -> None:
        """Fail if a request differed from the script or a step was not used."""
        assert not self.faults, self.faults
        assert not self.steps, f"not asked for: {[f'{step.method} {step.path}' for step in self.steps]}"

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                """Keep the tests' output quiet."""

            def _play(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                owner.play(self, {name.lower(): value for name, value in self.headers.items()}, body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _play

        return Handler

    def play(self, handler: BaseHTTPRequestHandler, headers: dict[str, str], body: bytes) -> None:
        """Check one request against the script and answer it."""
        with self._lock:
            self.seen.append(Seen(handler.command, handler.path, headers, body))
            if not self.steps:
                self.faults.append(f"not expected: {handler.command} {handler.path}")
                step = Step(
                    handler.command, handler.path, 418, {"errors": [{"code": 1000, "title": "not in the script"}]}
                )
            else:
                step = self.steps.pop(0)
                self.faults.extend(step.faults(handler.command, handler.path, headers, body))
        if step.drop:
            handler.close_connection = True
            handler.connection.close()
            return
        answer = step.body()
        handler.send_response(step.status)
        handler.send_header("Content-Type", step.content_type)
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)


def error(status: int, method: str, path: str, code: int | None = None, details: str = "", **options: Any) -> Step:
    """Return a step that answers with an error envelope, or with an empty body where there is no code."""
    body = None if code is None else {"meta": {}, "errors": [{"code": code, "title": "An error", "details": details}]}
    return Step(method, path, status, body, **options)
