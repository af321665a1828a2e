"""A client that sends messages all the time, and a check that the accepted ones were delivered once."""

from __future__ import annotations

import base64
import contextlib
import http.client
import itertools
import json
import socket
import ssl
import threading
from collections import Counter
from types import TracebackType
from typing import Any, Protocol, Self

from tests.lab.client import PORT, WEBAPPS
from tests.lab.hosts import address, on
from tests.support.variables import LAB_VARIABLES
from tests.support.waiting import NotInTime, wait_for

_PAUSE = 0.25  # seconds between two messages
_PATIENCE = 15.0  # seconds for an answer
_PEOPLE = 64


class Sent(Protocol):
    """Messages that were sent: text by id of the accepted ones, number of refused ones by reason."""

    accepted: dict[str, str]
    refused: Counter[str]


class Sender:
    """Sends messages to many recipients in turn while it is open, alternating between the webapps.

    A refused message is not retried; one without an answer may or may not have been accepted.
    """

    def __init__(self) -> None:
        self.accepted: dict[str, str] = {}
        self.refused: Counter[str] = Counter()
        self._authority = on(WEBAPPS[0], "cat", "/etc/wabiz/wabiz/webapp-ca.pem")
        self._addresses = {web: address(web) for web in WEBAPPS}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._token = ""

    def __enter__(self) -> Self:
        self._token = self._login()
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop sending; judge() needs a sender that has stopped."""
        self._end.set()
        self._thread.join(2 * _PATIENCE)

    def _run(self) -> None:
        for number in itertools.count(1):
            if self._end.wait(_PAUSE):
                return
            text = f"message {number} of {id(self)}"
            body = {"to": f"4917{number % _PEOPLE:09}", "type": "text", "text": {"body": text}}
            try:
                status, answer = self._call(
                    WEBAPPS[number % len(WEBAPPS)], "/v1/messages", body, f"Bearer {self._token}"
                )
            except (OSError, http.client.HTTPException) as error:
                self.refused[type(error).__name__] += 1
                continue
            if status == 201:
                self.accepted[answer["messages"][0]["id"]] = text
            else:
                codes = [str(item.get("code")) for item in answer.get("errors", [])]
                self.refused[" ".join([str(status), *codes])] += 1

    def _login(self) -> str:
        secret = base64.b64encode(f"admin:{LAB_VARIABLES['wabiz_admin_password']}".encode()).decode()
        status, answer = self._call(WEBAPPS[0], "/v1/users/login", None, f"Basic {secret}")
        assert status == 200, answer
        token: str = answer["users"][0]["token"]
        return token

    def _call(self, web: str, path: str, body: Any, authorization: str) -> tuple[int, Any]:
        context = ssl.create_default_context(cadata=self._authority)
        plain = socket.create_connection((self._addresses[web], PORT), _PATIENCE)
        connection = http.client.HTTPSConnection(web, PORT, timeout=_PATIENCE)
        connection.sock = context.wrap_socket(plain, server_hostname=web)
        try:
            headers = {"Authorization": authorization, "Content-Type": "application/json"}
            connection.request("POST", path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            connection.close()


def carried() -> dict[str, str]:
    """Return the texts of all messages that reached WhatsApp, by message id."""
    return {entry["id"]: entry["text"] for entry in json.loads(on("gateway", "standinctl", "messages", "--all"))}


def judge(sender: Sent, limit: float = 180) -> dict[str, Any]:
    """Wait until every accepted message has reached WhatsApp; return accepted, lost, duplicated and refused ones."""
    with contextlib.suppress(NotInTime):  # missing ones are counted
        wait_for("every accepted message", lambda: sender.accepted.keys() <= carried().keys(), limit, pause=2)
    arrived = carried()
    texts = Counter(arrived.values())
    return {
        "accepted": len(sender.accepted),
        "lost": sorted(sender.accepted.keys() - arrived.keys()),
        "duplicated": sorted(text for text in sender.accepted.values() if texts[text] > 1),
        "refused": dict(sender.refused),
    }
