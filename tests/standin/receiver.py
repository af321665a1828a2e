"""A webhook of the tests' own: HTTPS on the host, with an authority of its own, that remembers what came."""

import json
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standin.web.certificates import new_authority, server_certificate
from tests.standin.cluster import Cluster, docker
from tests.support.waiting import wait_for


class Receiver:
    """What came, in order; answer is the HTTP status given to every request from now on."""

    def __init__(self, host: str, directory: Path) -> None:
        authority = new_authority()
        certificate = directory / "webhook.pem"
        certificate.write_text(server_certificate(authority, (host,)))
        self.authority = authority.certificate
        self.answer = 200
        self.bodies: list[dict[str, Any]] = []
        self.open = self.most = 0
        self._lock = threading.Lock()
        self._server = _Server((host, 0), self, certificate)
        self.url = f"https://{host}:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, body: dict[str, Any]) -> int:
        """One request: the status to answer."""
        with self._lock:
            if self.answer == 200:
                self.bodies.append(body)
            return self.answer

    def entered(self, change: int) -> None:
        """Counts the requests that are being answered."""
        with self._lock:
            self.open += change
            self.most = max(self.most, self.open)

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """All entries of one kind: statuses, messages or services."""
        with self._lock:
            return [entry for body in self.bodies for entry in body.get(kind, [])]

    def statuses(self) -> Counter[tuple[str, str]]:
        """How often each (message id, status) came."""
        return Counter((entry["id"], entry["status"]) for entry in self.entries("statuses"))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], receiver: Receiver, certificate: Path) -> None:
        super().__init__(address, _Handler)
        self.receiver = receiver
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)

    def finish_request(self, request: Any, client_address: Any) -> None:
        # the handshake belongs into the connection's thread
        try:
            with self._context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        except OSError:
            return  # the client went away


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """One callback."""
        receiver = self.server.receiver
        receiver.entered(1)
        try:
            try:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            except ValueError:  # the client died in the middle of it
                self.close_connection = True
                return
            self.send_response(receiver.take(body))
            self.send_header("Content-Length", "0")
            self.end_headers()
        finally:
            receiver.entered(-1)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def running_receiver(cluster: Cluster, directory: Path) -> Iterator[Receiver]:
    """A webhook on the address under which the cluster's containers reach this host."""
    found = json.loads(docker("network", "inspect", cluster.run))
    receiver = Receiver(found[0]["IPAM"]["Config"][0]["Gateway"], directory)
    try:
        yield receiver
    finally:
        receiver.close()


def tell_receiver(cluster: Cluster, receiver: Receiver, settings: dict[str, Any] | None = None) -> None:
    """Has a registered cluster call the webhook once its coreapps have been restarted."""
    status, body = cluster.call("POST", "/v1/certificates/webhooks/ca", raw=receiver.authority, auth=cluster.token)
    assert status == 200, body
    patch = {"webhooks": {"url": receiver.url}} | (settings or {})
    status, body = cluster.call("PATCH", "/v1/settings/application", patch, cluster.token)
    assert status == 200, body


def use_receiver(cluster: Cluster, receiver: Receiver, settings: dict[str, Any] | None = None) -> None:
    """Has a registered cluster call the webhook; its coreapps are restarted, as that needs."""
    tell_receiver(cluster, receiver, settings)
    nodes = {name.partition(":")[0] for name in cluster.health()}
    coreapps = sorted(name for name in nodes if name.startswith("core"))
    before = {session["session"] for session in _of_coreapps(cluster)}
    docker("restart", "-t", "0", *(cluster.container(name) for name in coreapps))
    wait_for("the coreapps", lambda: _replaced(cluster, before), 60)


def _of_coreapps(cluster: Cluster) -> list[dict[str, Any]]:
    return [session for session in cluster.sessions() if session["shard"] >= 0 and not session["replaced"]]


def _replaced(cluster: Cluster, before: set[int]) -> bool:
    current = {session["session"] for session in _of_coreapps(cluster)}
    return len(current) >= len(before) and not before & current
