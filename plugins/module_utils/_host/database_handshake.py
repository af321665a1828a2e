# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first words with a database server, for which no driver is needed: who answers, and how well it encrypts."""

from __future__ import annotations

import socket
import ssl
import struct
import typing as t
from dataclasses import dataclass

# MySQL's capabilities: protocol 4.1, TLS, passwords of 4.1.
_ENCRYPTS = 0x0800
_CAPABILITIES = 0x0200 | _ENCRYPTS | 0x8000
_LARGEST, _UTF8 = 1 << 24, 45
# The code of PostgreSQL's request for TLS.
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_MOST = 1 << 16


class HandshakeError(Exception):
    """The server gave no usable answer, or refuses this host; the text is its own or says what came.

    C(code) is the number of MySQL's error; 0 where there is none.
    """

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


@dataclass
class Trust:
    """What a server's certificate is verified by, and what the client shows of itself; paths on this host."""

    ca: str
    certificate: str | None = None
    key: str | None = None

    def context(self) -> ssl.SSLContext:
        """Raises OSError (ssl.SSLError is one) where a file cannot be used."""
        made = ssl.create_default_context(cafile=self.ca)
        # From Python 3.13 on it is stricter than the client, and refuses what many a site's CA has signed.
        made.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if self.certificate:
            made.load_cert_chain(self.certificate, self.key)
        return made


@dataclass
class Greeting:
    """What the server said; C(version) is empty where it says it only after the login."""

    encrypts: bool
    version: str = ""


def greet(engine: str, connection: socket.socket) -> Greeting:
    """Begin to talk; afterwards the server expects TLS, where it encrypts. Raises HandshakeError, OSError."""
    return _mysql(connection) if engine == "mysql" else _postgresql(connection)


def encrypt(connection: socket.socket, name: str, trust: Trust) -> str:
    """Encrypt after greet(), and return until when the server's certificate is valid. Raises OSError."""
    with trust.context().wrap_socket(connection, server_hostname=name) as encrypted:
        return str((encrypted.getpeercert() or {}).get("notAfter", ""))


def _mysql(connection: socket.socket) -> Greeting:
    length = int.from_bytes(_exactly(connection, 4)[:3], "little")
    if not 0 < length <= _MOST:
        raise HandshakeError("what answers is no MySQL server")
    packet = _exactly(connection, length)
    if packet[0] == 0xFF:
        raise HandshakeError(packet[3:].decode(errors="replace"), int.from_bytes(packet[1:3], "little"))
    version, _end, rest = packet[1:].partition(b"\0")
    # Number of the thread, salt, a filler; then the capabilities.
    if packet[0] != 10 or len(rest) < 15:
        raise HandshakeError("what answers is no MySQL server")
    encrypts = bool(int.from_bytes(rest[13:15], "little") & _ENCRYPTS)
    if encrypts:
        body = struct.pack("<IIB23x", _CAPABILITIES, _LARGEST, _UTF8)
        connection.sendall(len(body).to_bytes(3, "little") + b"\1" + body)
    return Greeting(encrypts, version.decode(errors="replace"))


def _postgresql(connection: socket.socket) -> Greeting:
    connection.sendall(_SSL_REQUEST)
    answer = _exactly(connection, 1)
    if answer not in (b"S", b"N"):
        raise HandshakeError("what answers is no PostgreSQL server")
    return Greeting(answer == b"S")


def _exactly(connection: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        part = connection.recv(length - len(found))
        if not part:
            raise HandshakeError("the server closed the connection")
        found += part
    return found


def dial(host: str, port: int, timeout: float) -> tuple[socket.socket, list[t.Any]]:
    """A connection, and the addresses of the name. Raises OSError; socket.gaierror where it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return socket.create_connection((host, port), timeout), list(dict.fromkeys(entry[4][0] for entry in found))
