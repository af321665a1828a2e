# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is asking: password login, token or API key, and one session per module run."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.wabiz.onprem.plugins.module_utils._api.client import Answer, Client, Request
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import (
    ApiError,
    ClientError,
    Refusal,
    Throttled,
)

# The only calls that the API key opens.
API_KEY_PATHS = frozenset({"/v1/health", "/v1/stats/app", "/v1/stats/db", "/metrics"})

LOGIN_PATH = "/v1/users/login"
LOGOUT_PATH = "/v1/users/logout"


@dataclass(frozen=True)
class Credentials:
    """What the user gave; all of it secret."""

    api_key: str | None = None
    token: str | None = None
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return "Credentials(...)"


@dataclass(frozen=True)
class Login:
    """A new token and the moment it expires, as the client writes it (UTC)."""

    token: str
    expires_after: str | None

    def __repr__(self) -> str:
        return f"Login(expires_after={self.expires_after!r})"


def login(client: Client, username: str, password: str, new_password: str | None = None) -> Login:
    """Log in, changing the password where C(new_password) is given. Raises ClientError."""
    basic = base64.b64encode(f"{username}:{password}".encode()).decode()
    body = json.dumps({"new_password": new_password}).encode() if new_password is not None else b"{}"
    request = Request("POST", LOGIN_PATH, body, "application/json", repeatable=True)
    answer = client.ask(request, f"Basic {basic}")
    users = answer.data.get("users")
    user = users[0] if isinstance(users, list) and users and isinstance(users[0], dict) else {}
    if not isinstance(user.get("token"), str) or not re.fullmatch("[!-~]+", user["token"]):
        raise ClientError("the answer holds no token", endpoint=request.endpoint, host=answer.host)
    return Login(user["token"], user.get("expires_after"))


def logout(client: Client, token: str) -> None:
    """Revoke this one token. Raises ClientError."""
    client.ask(Request("POST", LOGOUT_PATH, repeatable=True), f"Bearer {token}")


class Session:
    """Calls with authentication. A token that it logged in for is revoked by C(close)."""

    def __init__(self, client: Client, credentials: Credentials, remember: Callable[[str], Any]) -> None:
        """C(remember) is told each new secret, so that it can be kept out of outputs."""
        self.client = client
        self._credentials = credentials
        self._remember = remember
        self._own_token: str | None = None

    def get(self, path: str, **options: Any) -> Answer:
        """Ask for JSON; C(patient=False) and C(timeout) as in Client.ask."""
        return self.call("GET", path, **options)

    def call(
        self,
        method: str,
        path: str,
        payload: Any = None,
        *,
        text: str | None = None,
        query: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        json_expected: bool = True,
        patient: bool = True,
        timeout: float | None = None,
    ) -> Answer:
        """Send C(payload) as JSON or C(text) as plain text and return the answer. Raises ClientError.

        A POST is repeated only where C(repeatable) says so; OutcomeUnknown is raised where it may be carried out.
        Nothing is repeated after Throttled.
        """
        if text is not None:
            body, content_type = text.encode(), "text/plain"
        elif payload is not None:
            body, content_type = json.dumps(payload).encode(), "application/json"
        else:
            body, content_type = None, None
        request = Request(method, path, body, content_type, query, repeatable, json_expected)
        authorization = self.authorization(path)
        try:
            return self.client.ask(request, authorization, patient=patient, timeout=timeout)
        except Throttled:
            raise
        except ApiError as error:
            if error.status != 401 or self._own_token is None or authorization != f"Bearer {self._own_token}":
                raise
        # Our token was revoked or has expired; the request was not carried out.
        self._own_token = None
        return self.client.ask(request, self.authorization(path), patient=patient, timeout=timeout)

    def authorization(self, path: str) -> str:
        """The header for a path; logs in where nothing else opens it. Raises ClientError."""
        given = self._credentials
        if given.api_key and path in API_KEY_PATHS:
            return f"Apikey {given.api_key}"
        if given.token:
            return f"Bearer {given.token}"
        if self._own_token is None:
            if not (given.username and given.password):
                raise Refusal(
                    f"{path} needs a user and password or a token",
                    remedy="Give username and password, or token; the API key opens health, stats and metrics only.",
                )
            self._own_token = login(self.client, given.username, given.password).token
            self._remember(self._own_token)
        return f"Bearer {self._own_token}"

    def close(self) -> None:
        """Revoke the token of this run and close the connections; a failure to do so does no harm."""
        if self._own_token is not None:
            token, self._own_token = self._own_token, None
            request = Request("POST", LOGOUT_PATH, repeatable=True)
            # Where this fails the token expires by itself after 7 days.
            with contextlib.suppress(ClientError):
                self.client.ask(request, f"Bearer {token}", patient=False)
        self.client.close()
