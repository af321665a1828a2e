# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container engine's HTTP API on its Unix socket; works where the requests library is not there yet."""

from __future__ import annotations

import http.client
import json
import socket
import typing as t

# Seconds for one question, where a caller does not say otherwise.
PATIENCE = 30.0


class EngineError(Exception):
    """The engine gave no usable answer; its text is the reason."""


class AbsentError(EngineError):
    """The engine answers, and has nothing of that name."""


class Engine(http.client.HTTPConnection):
    """One connection; each request has a time-out of its own, and what fails costs the others nothing."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path
        self._limit = timeout

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

    def ask(self, path: str, timeout: float | None = None, login: str | None = None) -> tuple[int, t.Any]:
        """Status and decoded body of a GET request; C(login) is for the registry that the engine asks in its turn.

        Raises EngineError where there is no answer at all.
        """
        headers = {"X-Registry-Auth": login} if login else {}
        status, body = self._exchange(path, self._limit if timeout is None else timeout, headers=headers)
        return status, _decoded(body)

    def read(self, path: str) -> t.Any:
        """The decoded body of what must be there. Raises EngineError with the engine's own words otherwise."""
        status, answer = self.ask(path)
        if status != 200:
            raise _refused(status, answer)
        return answer

    def fetch(self, path: str, largest: int) -> bytes:
        """A body of at most C(largest) bytes, as it is. Raises EngineError as C(read) does."""
        status, body = self._exchange(path, self._limit, largest)
        if status != 200:
            raise _refused(status, _decoded(body))
        return body

    def stream(self, path: str) -> http.client.HTTPResponse:
        """A body that is read piece by piece; the connection is closed with it. Raises EngineError as C(read) does."""
        try:
            self.request("GET", path, headers={"Connection": "close"})
            answer = self.getresponse()
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            self.close()
            raise EngineError(str(error) or type(error).__name__) from error
        if answer.status != 200:
            raise _refused(answer.status, _decoded(answer.read(10_000)))
        return answer

    def _exchange(
        self, path: str, limit: float, largest: int | None = None, headers: t.Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        self.timeout = limit
        if self.sock is not None:
            self.sock.settimeout(limit)
        try:
            self.request("GET", path, headers=headers or {})
            answer = self.getresponse()
            body = answer.read() if largest is None else answer.read(largest + 1)
        except socket.timeout as error:
            self.close()
            raise EngineError(f"no answer within {limit:g} s") from error
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            self.close()
            raise EngineError(str(error) or type(error).__name__) from error
        if largest is not None and len(body) > largest:
            # The rest is still on its way.
            self.close()
            raise EngineError(f"the answer has more than {largest} bytes")
        return answer.status, body


def _decoded(body: bytes) -> t.Any:
    try:
        return json.loads(body or b"null")
    except (ValueError, RecursionError):
        return {"message": body[:500].decode(errors="replace")}


def _refused(status: int, answer: t.Any) -> EngineError:
    kind = AbsentError if status == 404 else EngineError
    return kind(said(status, answer))


def said(status: int, answer: t.Any) -> str:
    """The engine's own words about what went wrong."""
    message = answer.get("message") if isinstance(answer, dict) else answer
    return str(message or f"HTTP status {status}").strip()[:500]
