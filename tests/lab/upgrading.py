"""A lab cluster of an older version, its state, and broken images."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from lab import faults
from lab.errors import LabError
from tests.lab import client, foreign, gateway
from tests.lab.hosts import CLUSTER, HOSTS, LAB, containers, on, shell
from tests.lab.operation import KEEPER, LOCK, holder
from tests.lab.play import play
from tests.support.playbook import PlaybookRun
from tests.support.variables import LAB_VARIABLES
from tests.support.waiting import wait_for

OLD, NEW = "2.55.1", "2.57.2"
CLIENTS = tuple(host for host in HOSTS if host.startswith(("web", "master", "core")))
ALL = {f"{host}/wabiz-{host[:-1].replace('web', 'webapp').replace('core', 'coreapp')}-1" for host in CLIENTS}
SERVER = "db1"
DIRECTORY = f"/etc/wabiz/{CLUSTER}"
DUMPS = f"/var/backups/wabiz/{CLUSTER}"
# Old messages are collected however few there are.
COLLECTED = {"wabiz_message_gc_above": 0, "wabiz_message_gc_read": True}
LEFT = ("upgrade.json", "heartbeat.yml")
# Seconds, divided by the lab's time scale of 4: shorter intervals would fail on a busy machine.
INTERVALS = {"wabiz_upgrade_heartbeat_interval": 4, "wabiz_upgrade_unhealthy_interval": 20}
HEARTBEAT = {"heartbeat_interval": 5, "unhealthy_interval": 30}
# Seconds; short time-outs for a node that never answers.
SOON = {"wabiz_ready_timeout": 30, "wabiz_verify_timeout": 40}
_REGISTRY = "registry.lab.test:5000"


def remove(host: str) -> None:
    """Remove a host's nodes and the leftovers of upgrades; the host is reconnected to the network."""
    faults.reconnect(LAB, host)
    if shell(host, "command -v docker || true"):
        for kind in ("label=org.wabiz.node", f"name={CLUSTER}-dbupgrade"):
            for name in containers(host, kind, f"label=org.wabiz.cluster={CLUSTER}"):
                on(host, "docker", "rm", "--force", name)
    shell(host, f"rm -f {LOCK}; cd {DIRECTORY} 2> /dev/null && rm -f {' '.join(LEFT)} *.log *.stamp || true")


def removed() -> None:
    """Remove the nodes of all hosts and their database, so that the next test builds its own cluster."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(remove, CLIENTS))
    for thing in ("container", "volume"):
        on(SERVER, "docker", thing, "rm", "--force", f"{CLUSTER}-database")
    shell(SERVER, f"rm -rf {DUMPS}")


def old_cluster(more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Build a registered cluster of the old version on a new database server; return the variables that its plays need.

    A schema cannot be downgraded, so every cluster of the old version starts with an empty server.
    """
    removed()
    foreign.place()
    given = {**(more or {}), **INTERVALS}
    play("site", extra_vars={**given, "wabiz_version": OLD}).succeeded()
    play("register", extra_vars={**given, "wabiz_version": OLD}).succeeded()
    client.settled(60)
    return given


def versions() -> dict[str, str]:
    """Return host/container: version of every running node, according to the engines."""
    found = {}
    for host in CLIENTS:
        template = '{{.Names}} {{.Label "org.wabiz.version"}} {{.Label "org.wabiz.node"}}'
        ours = f"--filter=label=org.wabiz.cluster={CLUSTER}"
        for line in on(host, "docker", "ps", ours, "--format", template).splitlines():
            name, version, *node = line.split()
            if node:
                found[f"{host}/{name}"] = version
    return found


def standing(kind: str) -> list[str]:
    """Return the hosts of a kind of node: webapp, primary_master, secondary_master, connected or standby."""
    if kind == "webapp":
        return ["web2", "web1"]
    if kind in ("connected", "standby"):
        wanted = {"connected": "connected", "standby": "disconnected"}[kind]
        return [node.host for node in client.nodes() if (node.role, node.status) == ("coreapp", wanted)]
    return [node.host for node in client.nodes() if node.role == kind]


def reason(run: PlaybookRun) -> str:
    """Return the last message of a failed run."""
    return run.failed().failures[-1]["msg"]


def serves() -> None:
    """One coreapp is connected, no number is banned, the heartbeat settings are the operator's, the lock is free."""
    wait_for("a connected coreapp", lambda: len(client.connected()) == 1, 60)
    assert gateway.punishable() == []
    assert heartbeat() == HEARTBEAT
    assert left_behind() <= {"upgrade.json"}


def whole() -> None:
    """Every node runs the new version and answers, and the upgrade has left no files."""
    assert set(versions().values()) == {NEW}
    assert left_behind() == set()
    client.settled(60)
    assert heartbeat() == HEARTBEAT
    assert gateway.punishable() == []


def spoil(host: str, image: str) -> None:
    """Replace a host's image of the new version by one whose containers exit at once."""
    tag = f"{_REGISTRY}/{image}:v{NEW}"
    on(host, "docker", "pull", "--quiet", tag)
    on(host, "docker", "create", "--name", "spoilt", "--entrypoint", "/bin/false", tag)
    on(host, "docker", "commit", "spoilt", tag)
    on(host, "docker", "rm", "spoilt")


def unspoil(host: str, image: str) -> None:
    """Remove the broken image, so that the host pulls it again; the broken container stays, as in a real failure."""
    on(host, "docker", "rmi", "--force", f"{_REGISTRY}/{image}:v{NEW}")


def dumps() -> list[str]:
    """Return the names of the dumps that upgrades have made."""
    return shell(SERVER, f"ls {DUMPS} 2> /dev/null || true").split()


def left_behind() -> set[str]:
    """Return the leftovers of an upgrade on the first webapp's host: record, heartbeat settings, and the lock."""
    files = shell(KEEPER, f"ls {DIRECTORY}").split()
    return set(LEFT) & set(files) | ({LOCK} if holder() else set())


def heartbeat() -> dict[str, int]:
    """Return the two heartbeat settings, read through the API as admin."""
    secret = base64.b64encode(f"admin:{LAB_VARIABLES['wabiz_admin_password']}".encode()).decode()
    token = _call("POST", "/v1/users/login", f"Basic {secret}")["users"][0]["token"]
    settings = _call("GET", "/v1/settings/application", f"Bearer {token}")["settings"]["application"]
    return {name: settings[name] for name in ("heartbeat_interval", "unhealthy_interval")}


class Intervals:
    """Reads the heartbeat settings again and again while it is open; ``seen`` has every pair that was set."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, int]] = set()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join(60)

    def _read(self) -> None:
        while not self._end.wait(2):
            # The webapp is being replaced, or its masters are.
            with contextlib.suppress(OSError, LookupError, TypeError, ValueError, LabError, http.client.HTTPException):
                found = heartbeat()
                self.seen.add((found["heartbeat_interval"], found["unhealthy_interval"]))


def _call(method: str, path: str, authorization: str) -> Any:
    connection = client.Connection(KEEPER, on(KEEPER, "cat", f"{DIRECTORY}/webapp-ca.pem"))
    try:
        connection.request(method, path, headers={"Authorization": authorization})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def meanwhile(when: Callable[[], bool], act: Callable[[], None], limit: float = 300) -> threading.Thread:
    """Start a thread that calls ``act`` as soon as ``when`` holds, during a run; ``limit`` in seconds."""

    def watch() -> None:
        wait_for("the moment to act", when, limit, pause=0.5)
        act()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread
