"""Compose files of our own with the facts of the vendor's: what they start is healthy (docker compose v2)."""

import base64
import json
import os
import secrets
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.standin.cluster import PASSWORD, docker
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.docker, pytest.mark.drill]
HERE = Path(__file__).parent / "compose"
COMPOSE = Path(sys.executable).parent / "docker-compose"
OLD, NEW = "2.55.1", "2.57.2"


def free_ports(count: int) -> list[int]:
    """Ports that no one listens on."""
    sockets = [socket.create_server(("", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Project:
    """One compose project; variables are the shell's that starts it."""

    def __init__(self, file: str, run: str, **variables: object) -> None:
        self._file = file
        self.name = f"standin-compose-{run}"
        self._variables = {"WA_API_VERSION": NEW} | {key: str(value) for key, value in variables.items()}

    def run(self, *arguments: str, check: bool = True) -> str:
        """Output of a compose command."""
        command = [str(COMPOSE), "-p", self.name, "-f", str(HERE / self._file), *arguments]
        environment = os.environ | self._variables
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def states(self) -> list[str]:
        """The states of all containers."""
        return [json.loads(line)["State"] for line in self.run("ps", "-a", "--format", "json").splitlines()]

    def port(self, service: str, port: int) -> int:
        """The host's port of a container's port."""
        return int(self.run("port", service, str(port)).rpartition(":")[2])


@contextmanager
def project(file: str, run: str, **variables: object) -> Iterator[Project]:
    """A project that is removed afterwards with its volumes."""
    made = Project(file, run, **variables)
    try:
        yield made
    except BaseException:
        print(made.run("logs", "--tail", "15", check=False))
        raise
    finally:
        made.run("down", "-v", "-t", "1", check=False)


def call(port: int, method: str, path: str, auth: str = "", body: Any = None) -> tuple[int, Any]:
    """Status and decoded body; status 0 when no one answers."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": auth} if auth else {})
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"https://127.0.0.1:{port}{path}", data, headers, method=method)
    context = ssl._create_unverified_context()  # noqa: S323
    try:
        with urllib.request.urlopen(request, timeout=20, context=context) as answer:  # noqa: S310
            raw, status = answer.read(), answer.status
    except urllib.error.HTTPError as error:
        raw, status = error.read(), error.code
    except OSError:
        return 0, None
    return status, json.loads(raw) if raw[:1] == b"{" else None


def login(port: int) -> str:
    """A token, once the webapp serves."""
    wait_for("the webapp", lambda: call(port, "GET", "/")[0] == 200, 90)
    basic = "Basic " + base64.b64encode(b"admin:secret").decode()
    answer = wait_for(
        "the first login",
        lambda: [
            body
            for status, body in [call(port, "POST", "/v1/users/login", basic, {"new_password": PASSWORD})]
            if status == 200
        ],
        60,
    )
    return "Bearer " + answer[0]["users"][0]["token"]


def cluster_words(port: int, token: str) -> list[str]:
    """What the nodes say: a status or an error's code each."""
    status, body = call(port, "GET", "/v1/health", token)
    if status != 200:
        return []
    return sorted(
        str(entry["errors"][0]["code"]) if "errors" in entry else f"{entry['role']} {entry['gateway_status']}"
        for entry in body["health"].values()
    )


@pytest.fixture(scope="module")
def run() -> str:
    """A part of this run's names."""
    return secrets.token_hex(3)


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """An address of this machine that containers of every network reach."""
    name = "standin-compose-" + secrets.token_hex(3)
    docker("network", "create", name)
    yield docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", name)
    docker("network", "rm", name)


def test_multiconnect(run: str, host: str) -> None:
    """The development cluster comes up, and the upgrade service ends with 0 beside it."""
    with project("multiconnect.yml", run, WA_API_VERSION=OLD) as cluster:
        cluster.run("up", "-d")
        web = cluster.port("waweb", 443)
        token = login(web)
        expected = ["1011"] * 4 + ["primary_master unregistered"]
        wait_for("all nodes", lambda: cluster_words(web, token) == expected, 90)
        assert cluster.states() == ["running"] * 7
        database = {"DATABASE_HOST": host, "DATABASE_PORT": cluster.port("db", 3306)}
        with project("dbupgrade.yml", f"{run}-upgrade", **database) as upgrade:
            upgrade.run("up", "-d")
            assert docker("wait", upgrade.run("ps", "-aq")) == "0"
        assert cluster_words(web, token) == expected


def test_one_service_per_host(run: str, host: str) -> None:
    """The production file: each host starts one service, all meet over published ports; then a single instance."""
    ports = free_ports(16)
    database, web = ports[0], ports[1]
    name = f"standin-compose-{run}-db"
    password = "MYSQL_ROOT_PASSWORD=testing-only"
    docker("run", "-d", "--name", name, "-p", f"{database}:3306", "-e", password, "mysql:8.0.33")
    try:
        common = {"DATABASE_HOST": host, "DATABASE_PORT": database, "EXTERNAL_HOSTNAME": host}
        services = [("waweb", {"EXTERNAL_WEBAPP_PORT": web})]
        services += [("master", _ports("EXTERNAL_MASTER_PORT", ports[2:6]))]
        services += [("wacore", _ports("EXTERNAL_COREAPP_PORT", ports[at : at + 4])) for at in (6, 10)]
        _hosts(run, common, services, web)
        with project("prod-single.yml", f"{run}-single", **common, WEBAPP_PORT=ports[14]) as single:
            docker("exec", name, "mysql", "-uroot", "-ptesting-only", "-e", "DROP DATABASE waent; DROP DATABASE waweb")
            single.run("up", "-d")
            token = login(ports[14])
            unregistered = {"gateway_status": "unregistered"}
            wait_for(
                "health",
                lambda: (call(ports[14], "GET", "/v1/health", token)[1] or {}).get("health") == unregistered,
                60,
            )
            change = {"webhooks": {"url": "https://hook.test"}}
            assert call(ports[14], "PATCH", "/v1/settings/application", token, change)[0] == 200
            settings = call(ports[14], "GET", "/v1/settings/application", token)[1]["settings"]["application"]
            assert settings["webhooks"]["url"] == "https://hook.test"
            support = call(ports[14], "GET", "/v1/support", token)[1]["support"]
            assert (support["debug_info"], support["multi_connect"]) == ("unregistered", False)
            assert single.states() == ["running"] * 2
    finally:
        docker("rm", "-fv", name)


def _ports(name: str, ports: list[int]) -> dict[str, int]:
    return {f"{name}{number}": port for number, port in enumerate(ports)}


def _hosts(run: str, common: dict[str, Any], services: list[tuple[str, dict[str, int]]], web: int) -> None:
    if not services:
        token = login(web)
        expected = ["1011", "1011", "primary_master unregistered"]
        wait_for("all nodes", lambda: cluster_words(web, token) == expected, 90)
        return
    (service, ports), *others = services
    with project("prod-multiconnect.yml", f"{run}-host{len(others)}", **common, **ports) as one:
        one.run("up", "-d", service)
        _hosts(run, common, others, web)
        assert one.states() == ["running"]
