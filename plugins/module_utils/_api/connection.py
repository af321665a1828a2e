# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTPS connection to one webapp: TLS, proxy, time-outs, User-Agent."""

from __future__ import annotations

import os
import socket
import ssl
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import (
    ClientError,
    Refusal,
    TlsError,
    Unreachable,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.excerpt import shorten
from ansible_collections.wabiz.onprem.plugins.module_utils._model.version import COLLECTION_VERSION

REQUESTS_IMPORT_ERROR: str | None = None
try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util.ssl_ import create_urllib3_context
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
    HTTPAdapter = object  # type: ignore[assignment,misc]

USER_AGENT = f"wabiz.onprem/{COLLECTION_VERSION} (Ansible collection)"
CONNECT_SECONDS = 10.0

_TLS_REMEDY = (
    "Give the client's CA as ca_path (it is /var/lib/whatsapp/ca.pem in a webapp container), the name in its"
    " certificate as server_hostname, and client_cert with client_key where a client certificate is asked for."
)
_OPTIONS_REMEDY = "Check endpoints, proxy, the TLS files and the credentials for characters that are not allowed there."
_PROXY_REMEDY = "Write http://host:port or http://user:password@host:port, special characters of the password as %40."
_GIVEN_PROXY_REMEDY = "Check proxy and its credentials."
_FOUND_PROXY_REMEDY = (
    "The proxy is that of the environment (https_proxy) of the host that asks. Add the webapp to no_proxy there, or"
    " give a proxy that leads to it."
)
# So urllib3 says that a proxy was not reached, or opened no tunnel; anything else may have come after the request.
_PROXY_NOT_REACHED = (
    "NewConnectionError",
    "NameResolutionError",
    "Unable to connect to proxy",
    "Tunnel connection failed",
)
# So urllib3 says that a certificate has another name than server_hostname.
_OTHER_NAME = "doesn't match"
_NO_HANDSHAKE = ("HANDSHAKE", "WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "UNSUPPORTED_PROTOCOL")
_CONNECT_REMEDY = "Check the address, the published port, a firewall in between and that the webapp's container runs."


@dataclass(frozen=True)
class ConnectionOptions:
    """How to connect; paths are files on the machine that runs the module, C(timeout) is in seconds."""

    timeout: float = 30.0
    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    server_hostname: str | None = None
    proxy: str | None = None

    def __post_init__(self) -> None:
        for option in ("ca_path", "client_cert", "client_key"):
            path = getattr(self, option)
            if path is not None and not os.access(path, os.R_OK):
                raise ClientError(
                    f"{option} {path} cannot be read", remedy="Give a readable file on the host that runs the module."
                )
        if self.proxy and not _is_proxy(self.proxy):
            raise Refusal("proxy is not an address that can be used", remedy=_PROXY_REMEDY)


@dataclass(frozen=True)
class Response:
    """An answer as it came: status, headers with lower-case names, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _TlsAdapter(HTTPAdapter):
    """Verifies alike with every Python, and may expect another name in the certificate than the one in the address."""

    def __init__(self, options: ConnectionOptions) -> None:
        self._more: dict[str, Any] = {}
        if options.validate_certs:
            self._more["ssl_context"] = create_urllib3_context()
            # From Python 3.13 on it would refuse a CA without extensions that many do without.
            self._more["ssl_context"].verify_flags &= ~ssl.VERIFY_X509_STRICT
        if options.server_hostname:
            self._more.update(dict.fromkeys(("server_hostname", "assert_hostname"), options.server_hostname))
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **options, **self._more)

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, **options, **self._more)


class Connection:
    """Sends requests to one base address, for example C(https://web1.example.net:9090)."""

    def __init__(self, address: str, options: ConnectionOptions) -> None:
        if not _is_webapp(address):
            shown = shorten(address.rpartition("@")[2].partition("?")[0])
            raise ClientError(
                f"'{shown}' is not an address of a webapp",
                remedy="Write https://host:port, without user, password or query; the client speaks HTTPS only.",
            )
        self.address = address.rstrip("/")
        self._options = options
        self._session = _session(options)
        # While the webapps' certificate changes, some of them still have the name in their address.
        self._by_address = _session(replace(options, server_hostname=None)) if options.server_hostname else None
        if not options.validate_certs:
            # The module itself warns, once and readably.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Send one request, C(timeout) in seconds. Raises a ClientError, never for a status."""
        seconds = max(0.1, min(timeout or self._options.timeout, self._options.timeout))
        place = {"endpoint": f"{method} {path}", "host": self.address}
        try:
            answer = self._request(
                method,
                self.address + path,
                headers=dict(headers),
                data=body,
                params=dict(query or {}),
                timeout=(min(CONNECT_SECONDS, seconds), seconds),
                allow_redirects=False,
                verify=self._verify(),
                cert=self._certificate(),
                proxies=self._proxies(),
            )
        except (requests.exceptions.RequestException, HTTPException, OSError, ValueError) as error:
            # Not "from error": its text may hold a secret, and a traceback would show it.
            proxy_remedy = _FOUND_PROXY_REMEDY if self._options.proxy is None else _GIVEN_PROXY_REMEDY
            raise _translate(error, place, proxy_remedy) from None
        return Response(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content
        )

    def _request(self, *arguments: Any, **options: Any) -> Any:
        try:
            return self._session.request(*arguments, **options)
        except requests.exceptions.SSLError as error:
            # The handshake failed, so nothing was sent.
            if self._by_address is None or _OTHER_NAME not in str(error):
                raise
        return self._by_address.request(*arguments, **options)

    def _verify(self) -> bool | str:
        return (self._options.ca_path or True) if self._options.validate_certs else False

    def _certificate(self) -> str | tuple[str, str] | None:
        if self._options.client_cert and self._options.client_key:
            return self._options.client_cert, self._options.client_key
        return self._options.client_cert

    def _proxies(self) -> dict[str, str]:
        if self._options.proxy is None:
            return dict(requests.utils.get_environ_proxies(self.address))
        return {"https": self._options.proxy} if self._options.proxy else {}

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._session.close()
        if self._by_address:
            self._by_address.close()


def _session(options: ConnectionOptions) -> requests.Session:
    session = requests.Session()
    # No .netrc: it would replace the Authorization header.
    session.trust_env = False
    session.headers["User-Agent"] = USER_AGENT
    session.mount("https://", _TlsAdapter(options))
    return session


def _is_proxy(address: str) -> bool:
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        return bool(parts.hostname) and parts.port != 0 and _is_plain(address)
    except ValueError:
        return False


def _is_plain(address: str) -> bool:
    return address.isprintable() and not any(char.isspace() for char in address)


def _is_webapp(address: str) -> bool:
    if not _is_plain(address):
        return False
    try:
        parts = urlsplit(address)
        plain = parts.port != 0 and not (parts.username or parts.password or parts.query or parts.fragment)
        return parts.scheme == "https" and bool(parts.hostname) and plain
    except ValueError:
        return False


def presented_certificate(address: str, server_hostname: str | None, timeout: float) -> bytes | None:
    """Return the certificate (DER) that a server presents, or None where it cannot be had.

    Nothing is sent, so nothing is verified: it is only compared with another one.
    """
    parts = urlsplit(address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        plain = socket.create_connection((parts.hostname or "", parts.port or 443), min(CONNECT_SECONDS, timeout))
        with plain, context.wrap_socket(plain, server_hostname=server_hostname or parts.hostname) as wrapped:
            return wrapped.getpeercert(binary_form=True)
    except (OSError, ValueError):
        return None


def _translate(error: Exception, place: dict[str, str], proxy_remedy: str) -> ClientError:
    """Turn an exception of requests into ours; its text may hold a secret, so it is not passed on."""
    # Without the path, which may name certificates.
    text = str(error).replace(place["endpoint"].partition(" ")[2], "")
    exceptions = requests.exceptions
    if isinstance(error, exceptions.ProxyError):
        sent = not any(words in text for words in _PROXY_NOT_REACHED)
        return Unreachable("the proxy does not answer", sent=sent, remedy=proxy_remedy, **place)
    if isinstance(error, exceptions.SSLError):
        if "certificate" in text.lower() or _OTHER_NAME in text:
            return TlsError(f"TLS verification failed: {_tls_reason(text)}", remedy=_TLS_REMEDY, **place)
        sent = not any(words in text.upper() for words in _NO_HANDSHAKE)
        return Unreachable("the TLS connection broke off", sent=sent, remedy=_CONNECT_REMEDY, **place)
    if isinstance(error, exceptions.ConnectTimeout):
        return Unreachable("connecting timed out", sent=False, remedy=_CONNECT_REMEDY, **place)
    if isinstance(error, exceptions.ReadTimeout):
        return Unreachable("no answer in time", sent=True, remedy="Raise timeout, or check the webapp's log.", **place)
    if isinstance(error, exceptions.ConnectionError) and "NewConnectionError" in text:
        return Unreachable("no connection (refused, or no route)", sent=False, remedy=_CONNECT_REMEDY, **place)
    if isinstance(error, exceptions.ConnectionError) and "NameResolutionError" in text:
        return Unreachable("the host name is not known", sent=False, remedy=_CONNECT_REMEDY, **place)
    network = (exceptions.RequestException, HTTPException, ConnectionError, TimeoutError)
    if isinstance(error, ValueError) or not isinstance(error, network):
        # A header, an address or a file that cannot be used: nothing was sent, and nothing changes by waiting.
        kind = type(error).__name__
        return Refusal(f"the request cannot be sent as it is ({kind})", remedy=_OPTIONS_REMEDY, **place)
    return Unreachable("the connection broke off", sent=True, remedy=_CONNECT_REMEDY, **place)


def _tls_reason(text: str) -> str:
    for known in (
        "self-signed certificate",
        "self signed certificate",
        "unable to get local issuer",
        "certificate has expired",
        "Hostname mismatch",
        "IP address mismatch",
        _OTHER_NAME,
        "certificate required",
    ):
        if known.lower() in text.lower():
            return "Hostname mismatch" if known == _OTHER_NAME else known
    return "the certificate is not accepted"
