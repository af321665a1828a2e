"""The webapp's TLS: the certificate can be exchanged while it listens."""

import ssl
from pathlib import Path


class Tls:
    """The context that listens; it hands each connection over to one that has the certificate in use, and no other."""

    def __init__(self) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.sni_callback = self._hand_over
        self._in_use = self.context

    def present(self, chain: Path) -> None:
        """Serves new connections with this key and these certificates; raises ssl.SSLError, ValueError or OSError."""
        # One context keeps a certificate for each kind of key, and clients then choose: an RSA one beside an EC one.
        fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        fresh.load_cert_chain(chain)
        self._in_use = fresh

    def _hand_over(self, connection: ssl.SSLObject, _name: str | None, _listening: ssl.SSLContext) -> None:
        # called for every connection, also of clients that name no server
        connection.context = self._in_use
