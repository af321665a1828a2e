# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's HTTP conventions: envelope, errors, repetition, fail-over to the next webapp."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.wabiz.onprem.plugins.module_utils._api.connection import Connection, Response
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import (
    ApiError,
    ClientError,
    OutcomeUnknown,
    Refusal,
    Throttled,
    Unreachable,
    UnreadableAnswer,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._api.retry import (
    RetryPolicy,
    concerns_cluster,
    refused,
    throttled,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.excerpt import excerpt_of
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.json_text import decode
from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.client_errors import ErrorItem, parse_errors

# A repeated request of these methods leaves the client in the same state as a single one.
REPEATABLE_METHODS = frozenset({"GET", "PUT", "PATCH", "DELETE"})

# WhatsApp counts what is sent there: further requests after "too many" may extend the waiting time. Reading is free.
ACCOUNT_PATHS = ("/v1/account", "/v1/settings/account/", "/v1/settings/restore")


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
    """What to ask. C(repeatable) overrules what the method says about sending it again."""

    method: str
    path: str
    body: bytes | None = None
    content_type: str | None = None
    query: Mapping[str, str] | None = None
    repeatable: bool | None = None
    json_expected: bool = True

    @property
    def endpoint(self) -> str:
        """Return method and path, as errors name them."""
        return f"{self.method} {self.path}"

    @property
    def may_repeat(self) -> bool:
        """Tell whether the request may be sent again although the first one may have been carried out."""
        return self.method in REPEATABLE_METHODS if self.repeatable is None else self.repeatable

    @property
    def counted(self) -> bool:
        """Tell whether WhatsApp counts such requests; C(repeatable) does not matter."""
        return self.method != "GET" and self.path.startswith(ACCOUNT_PATHS)

    def may_be_done(self, error: ClientError) -> bool:
        """Tell whether the request must not be sent again after this error, as it may have been carried out."""
        if self.may_repeat:
            return False
        if isinstance(error, ApiError):
            return not refused(error.status, error.codes)
        return isinstance(error, UnreadableAnswer) or (isinstance(error, Unreachable) and error.sent)


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

        A request that must not be repeated is sent to one webapp, once, unless it is certain that it was not executed;
        where that is not known, OutcomeUnknown is raised.

        A request that WhatsApp counts is given up at once where there were too many: Throttled is raised.
        """
        last = self._policy.retries if patient else 0
        attempt = 0
        while True:
            try:
                return self._round(request, authorization, timeout)
            except ClientError as error:
                if attempt == last or not error.temporary:
                    raise
            attempt += 1
            self._sleep(self._policy.pause(attempt, random.random()))  # noqa: S311 (no cryptography here)

    def _round(self, request: Request, authorization: str | None, timeout: float | None) -> Answer:
        for position, connection in enumerate(self._connections):
            try:
                answer = self._once(connection, request, authorization, timeout)
            except ClientError as error:
                if request.may_be_done(error):
                    raise OutcomeUnknown(error) from error
                if connection is self._connections[-1] or not self._next_may_help(error):
                    raise
                continue
            # The next request starts with the webapp that answered.
            self._connections.insert(0, self._connections.pop(position))
            return answer
        raise Refusal("no endpoint is given", remedy="Set at least one in endpoints.")

    @staticmethod
    def _next_may_help(error: ClientError) -> bool:
        if isinstance(error, ApiError):
            return error.temporary and not concerns_cluster(error.status, error.codes)
        return isinstance(error, Unreachable)

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


def _read(request: Request, response: Response, host: str) -> Answer:
    text = response.body.decode("utf-8", "replace")
    successful = 200 <= response.status < 300
    if successful and not request.json_expected:
        return Answer(response.status, {}, text, host)
    fault = None
    try:
        data = decode(text) if text.strip() else None
    except ValueError as error:
        data, fault = text, str(error)
    if successful and data is None:
        return Answer(response.status, {}, text, host)
    if successful and isinstance(data, dict) and (_holds(data) or not data.get("errors")):
        return Answer(response.status, data, text, host)
    if successful and not isinstance(data, dict):
        reason = fault or f"it is a {type(data).__name__}"
        raise UnreadableAnswer(
            f"the answer is not a JSON object that can be used: {reason}",
            endpoint=request.endpoint,
            host=host,
            remedy="Check that the address is a webapp's, not that of a proxy or another service.",
        )
    items = _errors_of(data.get("errors")) if isinstance(data, dict) else []
    if 300 <= response.status < 400 and not items:
        items = [ErrorItem(None, "Redirection", "the client does not redirect; check that the address is a webapp's")]
    excerpt = excerpt_of(text) if fault is not None else None
    give_up = request.counted and throttled(response.status, [item.code for item in items])
    kind = Throttled if give_up else ApiError
    raise kind(response.status, items, endpoint=request.endpoint, host=host, excerpt=excerpt)


def _holds(data: dict[str, Any]) -> bool:
    """Tell whether an envelope holds anything but C(meta) and C(errors); errors next to that are partial."""
    return any(_filled(value) for key, value in data.items() if key not in ("meta", "errors"))


def _filled(value: Any) -> bool:
    if isinstance(value, (dict, list)):
        return any(_filled(item) for item in (value.values() if isinstance(value, dict) else value))
    return value is not None and value != ""


def _errors_of(raw: Any) -> list[ErrorItem]:
    """Return the errors of an answer; what cannot be read of them, or is omitted, counts as one without a code."""
    items = parse_errors(raw)
    missing = len(raw) - len(items) if isinstance(raw, list) else int(bool(raw) and not items)
    if missing:
        items.append(ErrorItem(None, f"and {missing} more" if items else "errors that cannot be read", ""))
    return items
