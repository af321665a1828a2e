# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's HTTP conventions: envelope, errors, repetition, fail-over to the next webapp."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.wabiz.onprem.plugins.module_utils import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils.connection import Connection, Response
from ansible_collections.wabiz.onprem.plugins.module_utils.errors import (
    ApiError,
    ClientError,
    ErrorItem,
    Refusal,
    Unreachable,
    parse_errors,
)
from ansible_collections.wabiz.onprem.plugins.module_utils.retry import RetryPolicy, concerns_cluster

# A repeated request of these methods leaves the client in the same state as a single one.
REPEATABLE_METHODS = frozenset({"GET", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Answer:
    """A successful answer. C(data) is the envelope, empty where the client sent null, nothing or text."""

    status: int
    data: dict[str, Any]
    text: str
    host: str

    @property
    def version(self) -> str | None:
        """Return C(meta.version) without a leading v, or None where there is no usable one."""
        meta = self.data.get("meta")
        raw = meta.get("version") if isinstance(meta, dict) else None
        try:
            return versions.normalise(raw) if isinstance(raw, str) else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Request:
    """What to ask. C(final) holds (status, code) pairs that are not repeated although the rules would allow it."""

    method: str
    path: str
    body: bytes | None = None
    content_type: str | None = None
    query: Mapping[str, str] | None = None
    repeatable: bool | None = None
    final: Container[tuple[int, int | None]] = ()
    json_expected: bool = True

    @property
    def endpoint(self) -> str:
        """Return method and path, as errors name them."""
        return f"{self.method} {self.path}"

    @property
    def may_repeat(self) -> bool:
        """Tell whether the request may be sent again although the first one may have been carried out."""
        return self.method in REPEATABLE_METHODS if self.repeatable is None else self.repeatable


class Client:
    """Asks one webapp after the other until one gives a final answer."""

    def __init__(
        self,
        connections: list[Connection],
        policy: RetryPolicy,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connections = connections
        self._policy = policy
        self._sleep = sleep

    def ask(
        self,
        request: Request,
        authorization: str | None = None,
        *,
        patient: bool = True,
        timeout: float | None = None,
    ) -> Answer:
        """Send the request and return the answer; raises ClientError.

        A webapp that cannot be reached or that has trouble of its own (5xx) is passed over for the next one. After all
        of them, or at once where the cluster as a whole is not ready, follows a pause; C(patient=False) makes one round
        only. C(timeout) shortens the time-out, in seconds.
        """
        last = self._policy.retries if patient else 0
        attempt = 0
        while True:
            try:
                return self._round(request, authorization, timeout)
            except ClientError as error:
                if attempt == last or not error.temporary or _is_final(request, error):
                    raise
            attempt += 1
            self._sleep(self._policy.pause(attempt, random.random()))  # noqa: S311 (no cryptography here)

    def _round(self, request: Request, authorization: str | None, timeout: float | None) -> Answer:
        for position, connection in enumerate(self._connections):
            try:
                answer = self._once(connection, request, authorization, timeout)
            except ClientError as error:
                if connection is self._connections[-1] or not self._next_may_help(request, error):
                    raise
                continue
            # The next request starts with the webapp that answered.
            self._connections.insert(0, self._connections.pop(position))
            return answer
        raise Refusal("there is no webapp to ask", remedy="Name at least one in endpoints.")

    @staticmethod
    def _next_may_help(request: Request, error: ClientError) -> bool:
        if isinstance(error, ApiError):
            return error.temporary and not concerns_cluster(error.status, error.code) and not _is_final(request, error)
        return isinstance(error, Unreachable) and not _is_final(request, error)

    @staticmethod
    def _once(connection: Connection, request: Request, authorization: str | None, timeout: float | None) -> Answer:
        headers = {"Accept": "application/json" if request.json_expected else "*/*"}
        if authorization:
            headers["Authorization"] = authorization
        if request.content_type:
            headers["Content-Type"] = request.content_type
        response = connection.send(
            request.method, request.path, headers=headers, body=request.body, query=request.query, timeout=timeout
        )
        return _read(request, response, connection.address)

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections:
            connection.close()


def _is_final(request: Request, error: ClientError) -> bool:
    if isinstance(error, ApiError):
        return (error.status, error.code) in request.final
    return isinstance(error, Unreachable) and error.sent and not request.may_repeat


def _read(request: Request, response: Response, host: str) -> Answer:
    text = response.body.decode("utf-8", "replace")
    successful = 200 <= response.status < 300
    if successful and not request.json_expected:
        return Answer(response.status, {}, text, host)
    try:
        data = json.loads(text) if text.strip() else None
    except ValueError:
        data = text
    if successful and data is None:
        return Answer(response.status, {}, text, host)
    if successful and isinstance(data, dict):
        return Answer(response.status, data, text, host)
    if successful:
        raise ClientError(
            "the answer is not a JSON object",
            endpoint=request.endpoint,
            host=host,
            remedy="Check that the address is a webapp's, not that of a proxy or another service.",
        )
    items = parse_errors(data.get("errors")) if isinstance(data, dict) else []
    if 300 <= response.status < 400 and not items:
        items = [ErrorItem(None, "Redirection", "the client does not redirect; check that the address is a webapp's")]
    raise ApiError(response.status, items, endpoint=request.endpoint, host=host)
