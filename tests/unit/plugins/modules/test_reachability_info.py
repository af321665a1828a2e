# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is reached from a container's network, and what answers there meanwhile: in a network that the test makes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import listener
from ansible_collections.wabiz.onprem.plugins.module_utils._host.namespace import NamespaceError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.reach import reach
from ansible_collections.wabiz.onprem.tests.unit.plugins.in_process import execute
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_engine import ScriptedEngine

CONTAINER = "wabiz-look"
PORTS = [443, 6250]


@contextmanager
def speaking(text: bytes) -> Iterator[int]:
    """A server that sends a text to the first that connects, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _peer = server.accept()
            with connection:
                connection.sendall(text)

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]


def looked(address: str, port: int, **more: Any) -> dict[str, Any]:
    (found,) = reach([{"host": "core2", "address": address, "port": port, **more}], 2)
    return found


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    # As it is set for a child process alone.
    monkeypatch.setenv("RES_OPTIONS", "")


@pytest.mark.parametrize(
    ("said", "expected", "failed_at", "reason"),
    [
        (b"core2", "core2", "", ""),
        (b"core1", "core2", "identity", "core1"),
        (b"", "core2", "identity", ""),
        (b"anything", "", "", ""),
    ],
)
def test_who_answers_is_compared_with_who_should(said: bytes, expected: str, failed_at: str, reason: str) -> None:
    with speaking(said) as port:
        found = looked("127.0.0.1", port, greeting=expected)
    assert (found["failed_at"], found["reason"]) == (failed_at, reason)
    assert found["addresses"] == ["127.0.0.1"]


def test_a_closed_port_and_an_unknown_name_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    closed = looked("127.0.0.1", port)
    assert (closed["failed_at"], closed["reason"]) == ("connect", "Connection refused")
    unknown = looked("core2.invalid", port)
    assert (unknown["failed_at"], unknown["addresses"]) == ("resolve", [])
    assert unknown["reason"]


@pytest.mark.parametrize("name", ["a" * 70 + ".example", "core2..example", "\ud800"])
def test_what_cannot_be_a_name_is_told_as_one_that_is_not_found(name: str) -> None:
    assert looked(name, 443)["failed_at"] == "resolve"


def test_nothing_to_look_at_is_no_look() -> None:
    assert reach([], 1) == []


# --- in a network of its own ------------------------------------------------------------------------------------------


@contextmanager
def network() -> Iterator[subprocess.Popen[bytes]]:
    if os.geteuid() != 0:
        pytest.skip("root alone can enter a network")
    script = "ip link set lo up && echo ready; exec sleep 600"
    with subprocess.Popen(["unshare", "--net", "sh", "-c", script], stdout=subprocess.PIPE) as made:
        assert made.stdout is not None
        if made.stdout.readline() != b"ready\n":
            pytest.skip("this machine makes no networks")
        try:
            yield made
        finally:
            made.kill()


@pytest.fixture
def elsewhere() -> Iterator[subprocess.Popen[bytes]]:
    """A process in a network of its own."""
    with network() as made:
        yield made


@contextmanager
def engine(directory: Path, process: int, running: bool = True) -> Iterator[str]:
    scripted = ScriptedEngine()
    state = {"Running": running, "Pid": process, "ExitCode": 1}
    scripted.answers[f"/containers/{CONTAINER}/json"] = (200, {"State": state})
    with scripted.listening(directory / "docker.sock") as path:
        yield str(path)


def listening(path: str, **more: Any) -> dict[str, Any]:
    return execute(
        "port_listener", {"container": CONTAINER, "ports": PORTS, "greeting": "core2", "socket": path, **more}
    )


def reached(path: str, port: int = 443, **more: Any) -> dict[str, Any]:
    peers = [{"host": "core2", "address": "127.0.0.1", "port": port, **more}]
    found = execute("reachability_info", {"container": CONTAINER, "peers": peers, "timeout": 2, "socket": path})
    assert found["changed"] is False
    return found


def ends(path: str) -> bool:
    """Whether nothing listens any more within some seconds."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if reached(path)["peers"][0]["failed_at"] == "connect":
            return True
        threading.Event().wait(0.2)
    return False


def test_what_listens_there_says_who_it_is_until_its_time_is_over(
    tmp_path: Path, elsewhere: subprocess.Popen[bytes]
) -> None:
    with engine(tmp_path, elsewhere.pid) as path:
        assert reached(path)["peers"][0]["reason"] == "Connection refused"
        made = listening(path, lifetime=3)
        assert (made["changed"], made["ports"], made["problem"]) == (False, PORTS, "")
        for port in PORTS:
            (peer,) = reached(path, port, greeting="core2", listens=True)["peers"]
            assert peer["failed_at"] == ""
            assert peer["listens"] is True
        assert reached(path, greeting="core1")["peers"][0]["reason"] == "core2"
        assert "in use" in listening(path)["problem"]
        assert ends(path)
    # This machine's own ports are none of its business.
    assert looked("127.0.0.1", 6250)["failed_at"] == "connect"


def test_it_ends_with_the_container(tmp_path: Path) -> None:
    with network() as container, network() as other, engine(tmp_path, container.pid) as path:
        assert listening(path)["problem"] == ""
        space = Path(f"/proc/{container.pid}/ns/net").readlink()
        assert len(inside(space)) == 2
        container.send_signal(signal.SIGKILL)
        container.wait()
        end = time.monotonic() + 10
        while inside(space) and time.monotonic() < end:
            threading.Event().wait(0.2)
        assert inside(space) == []
        assert other.poll() is None


def inside(space: Path) -> list[str]:
    """The processes in a network."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "ns" / "net").readlink() == space:
                found.append(process.name)
        except OSError:
            continue
    return found


def test_check_mode_and_no_ports_listen_nowhere(tmp_path: Path) -> None:
    options = {"container": CONTAINER, "ports": PORTS, "greeting": "x", "socket": str(tmp_path / "none.sock")}
    assert execute("port_listener", options, check=True)["ports"] == []
    assert execute("port_listener", {**options, "ports": []})["problem"] == ""


def test_a_container_that_does_not_run_is_told(tmp_path: Path) -> None:
    with engine(tmp_path, 1, running=False) as path:
        assert listening(path)["problem"] == f"container {CONTAINER} does not run (exit code 1)"
        found = reached(path)
        assert (found["peers"], found["problem"]) == ([], f"container {CONTAINER} does not run (exit code 1)")


def test_a_process_that_has_gone_is_told() -> None:
    with pytest.raises(NamespaceError):
        listener.start(2**22 + 1, PORTS, "core2", 5)
