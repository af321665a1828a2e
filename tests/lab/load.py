"""Many messages per second through the load balancer, each retried as the API's documentation allows."""

from __future__ import annotations

import base64
import heapq
import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from tests.lab.client import Connection
from tests.lab.hosts import on
from tests.support.variables import LAB_VARIABLES

PORT = 443
AUTHORITY = "/etc/wabiz/wabiz/loadbalancer/self-made.pem"
# Not ready, overloaded, another master or coreapp is responsible: nothing was done, and a retry can succeed.
RETRIED = {1011, 1016, 1017, 1018}
_PATIENCE = 15.0  # seconds for an answer
_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds before the next try, the last one again and again
_WORKERS = 64
_PEOPLE = 64


@dataclass(frozen=True)
class Front:
    """How clients reach the API at a balancer, and the password of admin.

    ``authority`` is the CA certificate as PEM, where it is not the balancer's own; ``known_as`` the name in the
    certificate, where it is not the host's.
    """

    port: int = PORT
    authority: str = ""
    known_as: str = ""
    password: str = LAB_VARIABLES["wabiz_admin_password"]


@dataclass(order=True)
class _Message:
    """Time of the next try (monotonic), number, time of giving up (None before the first try), tries so far."""

    due: float
    number: int
    until: float | None = field(default=None, compare=False)
    tries: int = field(default=0, compare=False)


class Load:
    """Sends ``rate`` messages per second while it is open; retries are made for up to ``retry`` seconds.

    ``accepted``: message id to text. ``refused``: number of failed requests by reason; ``failures``: with times.
    ``retried``: how many messages were tried more than once.
    """

    def __init__(self, balancer: str, rate: float, retry: float = 60, front: Front | None = None) -> None:
        self.accepted: dict[str, str] = {}
        self.refused: Counter[str] = Counter()
        self.failures: list[str] = []
        self.retried = 0
        self._balancer = balancer
        self._front = front or Front()
        self._authority = self._front.authority or on(balancer, "cat", AUTHORITY)
        self._rate = rate
        self._retry = retry
        self._run = f"{id(self):x}"
        self._turn = threading.Condition()
        self._waiting = [_Message(time.monotonic(), 1)]
        self._end = False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(_WORKERS)]
        self._token = ""

    def __enter__(self) -> Self:
        self._token = self._login()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        """Send no new messages; finish the pending retries."""
        with self._turn:
            self._end = True
            self._waiting = [message for message in self._waiting if message.until is not None]
            heapq.heapify(self._waiting)
            self._turn.notify_all()
        for thread in self._threads:
            thread.join(self._retry + 2 * _PATIENCE)

    def _login(self) -> str:
        secret = base64.b64encode(f"admin:{self._front.password}".encode()).decode()
        status, answer = self._call(self._connection(), "/v1/users/login", None, f"Basic {secret}")
        assert status == 200, answer
        token: str = answer["users"][0]["token"]
        return token

    def _connection(self) -> Connection:
        return Connection(self._balancer, self._authority, self._front.port, _PATIENCE, self._front.known_as)

    def _next(self) -> _Message | None:
        """Wait for the next due message and return it; None at the end. A new message queues its successor."""
        with self._turn:
            while self._waiting or not self._end:
                late = self._waiting[0].due - time.monotonic() if self._waiting else None
                if late is None or late > 0:
                    self._turn.wait(late)
                    continue
                message = heapq.heappop(self._waiting)
                if message.until is None and not self._end:
                    heapq.heappush(self._waiting, _Message(message.due + 1 / self._rate, message.number + 1))
                    self._turn.notify()
                return message
            return None

    def _work(self) -> None:
        connection = self._connection()
        while message := self._next():
            self._try(message, connection)

    def _try(self, message: _Message, connection: Connection) -> None:
        message.until = message.until or time.monotonic() + self._retry
        text = f"load {self._run} {message.number}"
        body = {"to": f"4917{message.number % _PEOPLE:09}", "type": "text", "text": {"body": text}}
        try:
            status, answer = self._call(connection, "/v1/messages", body, f"Bearer {self._token}")
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._failed(type(error).__name__)
            return
        codes = [item.get("code") for item in answer.get("errors", [])]
        if status == 201:
            with self._turn:
                self.accepted[answer["messages"][0]["id"]] = text
        elif codes and RETRIED.issuperset(codes):
            self._again(message, " ".join(map(str, codes)))
        else:
            self._failed(" ".join(map(str, [status, *codes])))

    def _again(self, message: _Message, why: str) -> None:
        message.due = time.monotonic() + _PAUSES[min(message.tries, len(_PAUSES) - 1)]
        message.tries += 1
        if message.until is not None and message.due > message.until:
            self._failed(f"{why} for {self._retry:g} s")
            return
        with self._turn:
            self.retried += message.tries == 1
            heapq.heappush(self._waiting, message)
            self._turn.notify()

    def _failed(self, why: str) -> None:
        with self._turn:
            self.refused[why] += 1
            self.failures.append(f"{datetime.now(UTC):%H:%M:%S.%f} {why}")

    @staticmethod
    def _call(connection: Connection, path: str, body: Any, authorization: str) -> tuple[int, dict[str, Any]]:
        """Status and decoded answer; {} if it is not an answer of the API."""
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        connection.request("POST", path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        try:
            decoded = json.loads(content or b"{}")
        except ValueError:
            return answer.status, {}
        return answer.status, decoded if isinstance(decoded, dict) else {}
