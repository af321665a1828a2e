# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module against an engine's API on a Unix socket."""

from __future__ import annotations

import http.server
import io
import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.wabiz.onprem.plugins.modules import host_info

CONTAINER_ID = "0123456789abcdef" * 4
ANSWERS: dict[str, tuple[int, Any]] = {
    "/info": (200, {"ServerVersion": "20.10.24", "DockerRootDir": "/"}),
    "/containers/json?all=1": (
        200,
        [
            {
                "Id": CONTAINER_ID,
                "Names": ["/wabiz-coreapp-1"],
                "State": "running",
                "Labels": {"org.wabiz.cluster": "wabiz", "org.wabiz.node": "coreapp", "org.wabiz.version": "2.57.2"},
                "Ports": [{"PublicPort": 6251}, {"PublicPort": 6250}, {"PrivatePort": 1}],
            },
            {"Id": "gone", "Names": ["/gone"], "State": "exited"},
        ],
    ),
    f"/containers/{CONTAINER_ID}/json": (
        200,
        {"Config": {"Image": "coreapp:v2.57.2", "Env": ["WA_DB_PASSWORD=canary", "PATH=/bin"]}},
    ),
    "/volumes": (
        200,
        {"Volumes": [{"Name": "data", "Labels": {"org.wabiz.cluster": "wabiz"}}, {"Name": "other", "Labels": None}]},
    ),
    "/images/local%3Av1/json": (
        200,
        {"Created": "2026-01-02T03:04:05.6Z", "Config": {"Labels": {"EXPIRES_ON": "2026-07-01"}}},
    ),
    "/images/bare%3Av1/json": (200, {"Created": "2026-01-02T03:04:05.6Z", "Config": {"Labels": None}}),
    "/distribution/remote%3Av1/json": (200, {}),
    "/distribution/missing%3Av1/json": (404, {"message": "manifest unknown"}),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, answer = ANSWERS.get(self.path, (404, {"message": "no such thing"}))
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
        pass


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "docker.sock"
    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield path
        server.shutdown()


def run(**options: Any) -> dict[str, Any]:
    output = io.StringIO()
    with (
        patch_module_args({"_ansible_remote_tmp": "/tmp", **options}),
        redirect_stdout(output),
        pytest.raises(SystemExit),
    ):
        host_info.main()
    return dict(json.loads(output.getvalue()))


def test_containers_images_and_volumes(engine: Path) -> None:
    found = run(socket=str(engine), images=["local:v1", "remote:v1", "missing:v1"])
    assert found["engine"] == {"running": True, "version": "20.10.24", "error": ""}
    assert found["containers"] == [
        {
            "name": "wabiz-coreapp-1",
            "id": CONTAINER_ID[:12],
            "image": "coreapp:v2.57.2",
            "running": True,
            "cluster": "wabiz",
            "node": "coreapp",
            "version": "2.57.2",
            "ports": [6250, 6251],
            "env_names": ["PATH", "WA_DB_PASSWORD"],
        }
    ]
    assert found["images"] == {"local:v1": "local", "remote:v1": "registry", "missing:v1": "manifest unknown"}
    assert found["volumes"] == [{"name": "data", "cluster": "wabiz"}]
    assert "canary" not in json.dumps(found)


def test_what_local_images_say_of_their_age(engine: Path) -> None:
    found = run(socket=str(engine), images=["local:v1", "bare:v1", "remote:v1"])
    assert found["image_facts"] == {
        "local:v1": {"created": "2026-01-02T03:04:05.6Z", "expires_on": "2026-07-01"},
        "bare:v1": {"created": "2026-01-02T03:04:05.6Z", "expires_on": ""},
    }


def test_a_host_without_an_engine(tmp_path: Path) -> None:
    found = run(socket=str(tmp_path / "none.sock"), images=["local:v1"])
    assert found["engine"]["running"] is False
    assert "No such file" in found["engine"]["error"]
    assert (found["containers"], found["images"], found["volumes"]) == ([], {}, [])
    assert found["disk_free"] > 0


def test_ports_paths_files_and_connections(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_server(("127.0.0.1", 0)) as closed:
        taken, free = listener.getsockname()[1], closed.getsockname()[1]
        closed.close()
        found = run(
            socket=str(tmp_path / "none.sock"),
            ports=[taken, free],
            paths=["/", str(tmp_path)],
            files=["/etc/passwd", str(tmp_path / "none")],
            connect=[f"127.0.0.1:{taken}", f"127.0.0.1:{free}"],
        )
    assert found["ports_taken"] == [taken]
    assert found["mounts"] == {"/": True, str(tmp_path): False}
    assert found["files"] == {"/etc/passwd": True, str(tmp_path / "none"): False}
    assert found["connections"][f"127.0.0.1:{taken}"] == ""
    assert "refused" in found["connections"][f"127.0.0.1:{free}"]


def test_it_reads_in_check_mode_too(engine: Path) -> None:
    assert run(socket=str(engine), _ansible_check_mode=True)["changed"] is False
