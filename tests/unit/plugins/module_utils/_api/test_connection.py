# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS, time-outs, proxy and addresses."""

from __future__ import annotations

import socket
import ssl
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3.connection
from ansible_collections.wabiz.onprem.plugins.module_utils._api import connection
from ansible_collections.wabiz.onprem.plugins.module_utils._api.connection import (
    Connection,
    ConnectionOptions,
    Response,
    presented_certificate,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ClientError, TlsError, Unreachable
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import issue
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step
from cryptography import x509
from urllib3.util import ssl_


def send(address: str, **options: Any) -> Response:
    """Ask for C(/) once."""
    connection = Connection(address, ConnectionOptions(**{"timeout": 5, "proxy": "", **options}))
    try:
        return connection.send("GET", "/", headers={})
    finally:
        connection.close()


@pytest.fixture
def silent_address() -> Iterator[str]:
    """Return an address that accepts connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


def test_a_trusted_certificate(webapp: ScriptedServer, tls_files: dict[str, str]) -> None:
    webapp.expect(Step("GET", "/"))
    assert send(webapp.address, ca_path=tls_files["ca"]).status == 200


def test_an_unknown_ca_is_refused_and_explained(webapp: ScriptedServer, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_text(issue("Other CA", ca=True).pem)
    for options in ({}, {"ca_path": str(other)}):
        with pytest.raises(TlsError) as caught:
            send(webapp.address, **options)
        assert "ca_path" in str(caught.value)
        assert not caught.value.temporary
    assert webapp.seen == []


def test_every_python_verifies_alike(
    webapp: ScriptedServer, tls_files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 3.13 on urllib3 refuses, by itself, a CA without key usage, such as OpenSSL makes it."""
    default = ssl_.create_urllib3_context
    made: list[ssl.SSLContext] = []

    def strict(*given: Any, **options: Any) -> ssl.SSLContext:
        made.append(default(*given, **options))
        made[-1].verify_flags |= ssl.VERIFY_X509_STRICT
        return made[-1]

    for module in (ssl_, urllib3.connection, connection):
        monkeypatch.setattr(module, "create_urllib3_context", strict, raising=False)
    webapp.expect(Step("GET", "/"))
    assert send(webapp.address, ca_path=tls_files["ca"]).status == 200
    assert made and not any(context.verify_flags & ssl.VERIFY_X509_STRICT for context in made)


def test_the_environment_does_not_weaken_the_verification(
    webapp: ScriptedServer, tls_files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    other.write_text(issue("Other CA", ca=True).pem)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls_files["ca"])
    with pytest.raises(TlsError):
        send(webapp.address, ca_path=str(other))


def test_a_netrc_does_not_replace_our_authorization(
    webapp: ScriptedServer, tls_files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    webapp.expect(Step("GET", "/", headers={"Authorization": "Apikey x"}))
    connection = Connection(webapp.address, ConnectionOptions(ca_path=tls_files["ca"], proxy=""))
    assert connection.send("GET", "/", headers={"Authorization": "Apikey x"}).status == 200
    connection.close()


def test_another_name_is_refused_unless_it_is_expected(named_webapp: ScriptedServer, tls_files: dict[str, str]) -> None:
    with pytest.raises(TlsError):
        send(named_webapp.address, ca_path=tls_files["ca"])
    with pytest.raises(TlsError):
        send(named_webapp.address, ca_path=tls_files["ca"], server_hostname="another.example.net")
    named_webapp.expect(Step("GET", "/"))
    assert send(named_webapp.address, ca_path=tls_files["ca"], server_hostname="waweb.example.net").status == 200


def test_the_name_in_the_address_is_accepted_beside_the_expected_one(
    webapp: ScriptedServer, tls_files: dict[str, str], tmp_path: Path
) -> None:
    webapp.expect(Step("GET", "/"), Step("GET", "/"))
    options = ConnectionOptions(ca_path=tls_files["ca"], server_hostname="soon.example.net", proxy="")
    connection = Connection(webapp.address, options)
    assert [connection.send("GET", "/", headers={}).status for _ in range(2)] == [200, 200]
    connection.close()
    other = tmp_path / "other.pem"
    other.write_text(issue("Other CA", ca=True).pem)
    with pytest.raises(TlsError):
        send(webapp.address, ca_path=str(other), server_hostname="soon.example.net")


def test_verification_can_be_switched_off_only_on_purpose(webapp: ScriptedServer) -> None:
    webapp.expect(Step("GET", "/"))
    assert send(webapp.address, validate_certs=False).status == 200


@pytest.mark.parametrize("option", ["ca_path", "client_cert", "client_key"])
def test_a_missing_file_is_named(option: str, tmp_path: Path) -> None:
    with pytest.raises(ClientError, match=option):
        ConnectionOptions(**{option: str(tmp_path / "none.pem")})  # type: ignore[arg-type]


def test_a_file_that_is_no_certificate(webapp: ScriptedServer, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    with pytest.raises(ClientError):
        send(webapp.address, ca_path=str(empty))


@pytest.mark.parametrize(
    "address",
    [
        "http://web1.example.net:9090",
        "web1.example.net:9090",
        "https://",
        "https://admin:Canary@web1.example.net",
        "https://web1.example.net/?token=Canary",
        "https://web1.example.net:port",
        "https://[web1",
        "https://web1.example.net:9090\n",
        "https://web1 .example.net",
        "",
    ],
)
def test_only_plain_https_addresses(address: str) -> None:
    with pytest.raises(ClientError, match="not an address of a webapp") as caught:
        Connection(address, ConnectionOptions())
    assert "Canary" not in str(caught.value)


def test_time_outs_end_the_silence(silent_address: str) -> None:
    with pytest.raises(Unreachable):
        send(silent_address, timeout=0.2)


def test_a_name_that_is_not_known() -> None:
    with pytest.raises(Unreachable) as caught:
        send("https://unknown.invalid:9090")
    assert not caught.value.sent


def test_a_proxys_password_is_not_told() -> None:
    with pytest.raises(Unreachable) as caught:
        send("https://web1.invalid:9090", proxy="http://user:Canary@127.0.0.1:9")
    assert "proxy" in str(caught.value)
    assert "Canary" not in str(caught.value)


def test_the_proxy_of_the_environment_is_told_from_one_that_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has given none would look for it in vain among the variables."""
    monkeypatch.setenv("https_proxy", "http://user:Canary@127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(Unreachable, match="the proxy does not answer") as found:
        send("https://web1.invalid:9090", proxy=None)
    assert "that of the environment (https_proxy)" in str(found.value)
    assert "no_proxy" in str(found.value)
    assert "Canary" not in str(found.value)
    with pytest.raises(Unreachable, match="Check proxy and its credentials") as given:
        send("https://web1.invalid:9090", proxy="http://127.0.0.1:9")
    assert "no_proxy" not in str(given.value)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:Canary@",
        "http://user:Can#ary@127.0.0.1:9",
        "http://user:Canary@127.0.0.1:port",
        "http://user:Canary@127.0.0.1:9\n",
        "http://user:Can ary@127.0.0.1:9",
        "http://[user:Canary@127.0.0.1",
        "http:///",
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_by_name(proxy: str) -> None:
    with pytest.raises(ClientError, match="proxy is not an address") as caught:
        send("https://web1.invalid:9090", proxy=proxy)
    assert "Can" not in str(caught.value)
    assert not caught.value.temporary


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "127.0.0.1:9", "http://user:p%40ss@proxy.example.net"])
def test_usable_proxies(proxy: str) -> None:
    ConnectionOptions(proxy=proxy)


@pytest.mark.parametrize("scheme", ["nonsense", "socks5"])
def test_a_kind_of_proxy_that_requests_does_not_know(scheme: str) -> None:
    with pytest.raises(ClientError) as caught:
        send("https://web1.invalid:9090", proxy=f"{scheme}://user:Canary@127.0.0.1:9")
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize("value", ["Apikey Canary\n", "Apikey Canary\u20ac"])
def test_a_header_that_cannot_be_sent_is_not_called_a_broken_connection(
    webapp: ScriptedServer, tls_files: dict[str, str], value: str
) -> None:
    connection = Connection(webapp.address, ConnectionOptions(ca_path=tls_files["ca"], proxy=""))
    with pytest.raises(ClientError, match="cannot be sent as it is") as caught:
        connection.send("GET", "/", headers={"Authorization": value})
    connection.close()
    assert not caught.value.temporary
    assert "Canary" not in "".join(traceback.format_exception(caught.value))
    assert webapp.seen == []


def test_an_error_of_requests_is_not_in_the_traceback() -> None:
    with pytest.raises(Unreachable) as caught:
        send("https://web1.invalid:9090", proxy="http://user:Canary@127.0.0.1:9")
    assert "requests.exceptions" not in "".join(traceback.format_exception(caught.value))


# The first three as urllib3 1.26 and 2 write them; the fourth came after the request, from 1.26.
@pytest.mark.parametrize(
    ("reason", "sent"),
    [
        ("ProxyError('Cannot connect to proxy.', NewConnectionError('refused'))", False),
        ("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403 Forbidden'))", False),
        ("ProxyError('Unable to connect to proxy', ConnectionResetError(104))", False),
        ("ProxyError('Cannot connect to proxy.', RemoteDisconnected('closed without response'))", True),
    ],
)
def test_behind_a_proxy_it_may_be_open_whether_the_request_was_sent(
    monkeypatch: pytest.MonkeyPatch, reason: str, sent: bool
) -> None:
    failure(monkeypatch, requests.exceptions.ProxyError(f"Max retries exceeded (Caused by {reason})"))
    with pytest.raises(Unreachable) as caught:
        send("https://web1.invalid:9090")
    assert caught.value.sent is sent


@pytest.mark.parametrize(
    ("reason", "sent"),
    [("[SSL: WRONG_VERSION_NUMBER]", False), ("[SSL: HANDSHAKE_FAILURE]", False), ("[SSL: BAD_RECORD_MAC]", True)],
)
def test_a_tls_connection_may_break_off_after_the_request(
    monkeypatch: pytest.MonkeyPatch, reason: str, sent: bool
) -> None:
    failure(monkeypatch, requests.exceptions.SSLError(f"url: /v1/certificates/external (Caused by {reason})"))
    connection = Connection("https://web1.invalid:9090", ConnectionOptions())
    with pytest.raises(Unreachable) as caught:
        connection.send("POST", "/v1/certificates/external", headers={})
    assert caught.value.sent is sent


def failure(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let all requests end with this."""

    def fail(*_positional: Any, **_named: Any) -> None:
        raise error

    monkeypatch.setattr(requests.Session, "request", fail)


def test_the_proxy_is_asked_for_a_tunnel(silent_proxy: tuple[str, list[bytes]]) -> None:
    address, heard = silent_proxy
    with pytest.raises(Unreachable):
        send("https://web1.example.net:9090", proxy=address)
    assert heard[0].startswith(b"CONNECT web1.example.net:9090 ")


@pytest.fixture
def silent_proxy() -> Iterator[tuple[str, list[bytes]]]:
    """Return the address of a proxy that refuses everything, and what it heard."""
    heard: list[bytes] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)

        def refuse() -> None:
            peer = listener.accept()[0]
            with peer:
                heard.append(peer.recv(4096))
                peer.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
        thread.join(5)


def test_what_a_server_presents(webapp: ScriptedServer) -> None:
    der = presented_certificate(webapp.address, None, 5)
    assert der is not None
    assert x509.load_der_x509_certificate(der).subject.rfc4514_string() == "CN=localhost"


def test_no_server_presents_anything(silent_address: str) -> None:
    assert presented_certificate(silent_address, None, 0.2) is None
