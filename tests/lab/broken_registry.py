"""A registry that knows every image and fails to give out any; what it is asked for is in a file.

    python3 broken_registry.py PORT FILE

It runs on a host of the lab, as a file of its own: nothing of the project is imported.
"""

import hashlib
import http.server
import json
import sys
from pathlib import Path

KIND = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = {
    "mediaType": "application/vnd.docker.container.image.v1+json",
    "size": 2,
    "digest": f"sha256:{hashlib.sha256(b'{}').hexdigest()}",
}
MANIFEST = json.dumps({"schemaVersion": 2, "mediaType": KIND, "layers": [], "config": CONFIG}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers about manifests; what is in an image, it cannot read."""

    def do_GET(self) -> None:
        """Answer a GET or a HEAD."""
        body = MANIFEST if "/manifests/" in self.path else b"{}"
        self.send_response(500 if "/blobs/" in self.path else 200)
        self.send_header("Content-Type", KIND)
        self.send_header("Docker-Content-Digest", f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)
        with Path(sys.argv[2]).open("a", encoding="utf-8") as file:
            file.write(f"{self.command} {self.path}\n")

    do_HEAD = do_GET


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
