# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a TLS client would accept a server that does not run yet: both ends of a connection, in memory."""

from __future__ import annotations

import contextlib
import ssl
import tempfile

# Each end has its say in every round; TLS 1.2 needs two.
_ROUNDS = 6


def objection(chain: str, ca_path: str, directory: str) -> str:
    """Why a client that trusts the CAs in C(ca_path) does not accept private key and certificates; empty where it does.

    Names are not compared. Python reads a server's key from a file only: it is in C(directory) for that moment.
    """
    try:
        _shake_hands(_server(chain, directory), _client(ca_path))
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except (ssl.SSLError, OSError) as error:
        return getattr(error, "reason", None) or str(error.strerror or error)
    return ""


def _server(chain: str, directory: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Only its owner may read it.
    with tempfile.NamedTemporaryFile("w", dir=directory, encoding="ascii") as file:
        file.write(chain)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _client(ca_path: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # As the API's modules do, which Python 3.13 would have otherwise.
    context.verify_flags &= ~(ssl.VERIFY_X509_STRICT | getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0))
    context.load_verify_locations(ca_path)
    return context


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True))
    for _round in range(_ROUNDS):
        for end in ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
