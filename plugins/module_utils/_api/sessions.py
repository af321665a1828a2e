# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session with the client from a module's options, and the one question that modules of both kinds ask with it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Callable
from urllib.parse import unquote, urlsplit

from ansible_collections.wabiz.onprem.plugins.module_utils._api.authentication import Credentials, Session
from ansible_collections.wabiz.onprem.plugins.module_utils._api.client import Answer, Client
from ansible_collections.wabiz.onprem.plugins.module_utils._api.connection import Connection, ConnectionOptions
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ClientError, Refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._api.retry import RetryPolicy
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.passwords import check_secret
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._model import health

# Options of any module that are one line of text; those that travel in a header are of ASCII only.
_HEADER_SECRETS = ("api_key", "token")
_SECRETS = (
    "username",
    "password",
    "new_password",
    "user_password",
    "cert",
    "bearer",
    "basic_username",
    "basic_password",
)
_CONNECTION = ("timeout", "validate_certs", "ca_path", "client_cert", "client_key", "server_hostname", "proxy")


def connection_options(given: Mapping[str, Any]) -> ConnectionOptions:
    """What the options say of each connection; what is not among them is as by default."""
    return ConnectionOptions(**{name: given[name] for name in _CONNECTION if name in given})


def passwords_in(address: Any) -> set[str]:
    """The password in an address, as it is written and as it is meant; empty where there is none."""
    with contextlib.suppress(ValueError):
        password = urlsplit(address).password if isinstance(address, str) else None
        if password:
            return {password, unquote(password)}
    return set()


def open_session(given: Mapping[str, Any], remember: Callable[[str], Any]) -> Session:
    """Make a session; C(remember) is told each new secret. Raises ClientError for options that cannot be used."""
    for address in (given.get("proxy"), *given["endpoints"]):
        for password in passwords_in(address):
            remember(password)
    if not given["endpoints"]:
        raise Refusal(
            "endpoints is empty", remedy="Set at least one webapp, for example https://web1.example.net:9090."
        )
    try:
        for name in (*_HEADER_SECRETS, *_SECRETS):
            if given.get(name):
                check_secret(name, given[name], header=name in _HEADER_SECRETS)
    except Unfit as unfit:
        raise Refusal.of(unfit) from unfit
    options = connection_options(given)
    policy = RetryPolicy(retries=max(0, given["retries"]), delay=max(0.0, given["retry_delay"]))
    client = Client([Connection(address, options) for address in given["endpoints"]], policy)
    credentials = Credentials(*(given.get(name) for name in ("api_key", "token", "username", "password")))
    return Session(client, credentials, remember)


def read_health(session: Session, **options: Any) -> tuple[health.Health, Answer]:
    """Read the cluster's health; options as in Session.call. Raises ClientError."""
    answer = session.get("/v1/health", **options)
    try:
        return health.parse(answer.data.get("health")), answer
    except ValueError as error:
        raise ClientError(str(error), endpoint="GET /v1/health", host=answer.host) from error


def health_report(found: health.Health, answer: Answer) -> dict[str, Any]:
    """The health as a module returns it."""
    nodes = [node.as_dict() for node in found.nodes]
    return {"nodes": nodes, "summary": found.summary(), "version": answer.version, "endpoint": answer.host}
