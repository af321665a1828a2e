"""The proxy of the lab tests carries a request, and says where it went."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from tests.support.tunnel import Tunnel


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_words: object) -> None:
        pass


def test_a_request_through_the_tunnel() -> None:
    with HTTPServer(("127.0.0.1", 0), Hello) as server, Tunnel() as proxy:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
        connection.set_tunnel("127.0.0.1", server.server_port)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello"
        connection.close()
        server.shutdown()
        assert proxy.targets == {f"127.0.0.1:{server.server_port}"}


def test_anything_else_is_refused() -> None:
    with Tunnel() as proxy:
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
        connection.request("GET", "http://127.0.0.1/")
        assert connection.getresponse().status == 405
        connection.close()
        assert proxy.targets == set()
