# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module against an engine's API on a Unix socket."""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import importlib.util
import io
import json
import os
import socket
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.fingerprint import matches
from ansible_collections.wabiz.onprem.plugins.module_utils._host import engine_state, lease, registry_login
from ansible_collections.wabiz.onprem.plugins.module_utils._host import share as sharing
from ansible_collections.wabiz.onprem.plugins.module_utils._host.balancer_socket import statistics
from ansible_collections.wabiz.onprem.plugins.module_utils._host.space import free_space
from ansible_collections.wabiz.onprem.plugins.modules import host_info
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import META
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.in_process import execute
from tests.unit.plugins.scripted_engine import ID, INFO, ScriptedEngine

KEY = "an-api-key-of-some-length"
ENV = [
    "WA_DB_ENGINE=MYSQL",
    "WA_DB_HOSTNAME=db1",
    "WA_DB_PORT=3306",
    "WA_DB_USERNAME=wabiz",
    "WA_DB_PASSWORD=canary",
    "WA_DB_NAME_PREFIX=p_",
    "WA_APP_MULTICONNECT=1",
    "PATH=/bin",
]
OURS = {
    "Id": ID,
    "Names": ["/other/alias", "/wabiz-coreapp-1"],
    "State": "running",
    "Labels": {"org.wabiz.cluster": "wabiz", "org.wabiz.node": "coreapp", "org.wabiz.version": "2.57.2"},
    "Ports": [{"PublicPort": 6251}, {"PublicPort": 6250}, {"PrivatePort": 1}],
    "NetworkSettings": {"Networks": {"wabiz": {}}},
    "Mounts": [
        {"Type": "volume", "Name": "data"},
        {"Type": "bind", "Source": "/x"},
        {"Type": "bind", "Source": "/y", "RW": False},
    ],
}
DETAILS = {
    "Image": "sha256:5a5a",
    "Config": {"Image": "coreapp:v2.57.2", "Env": ENV, "Cmd": None},
    "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}},
    "State": {"Status": "running"},
}
SHARE = {"type": "cifs", "device": "//nas/wa", "o": "username=wa,password=canary-of-the-share"}


def listed(name: str, identity: str = ID, **more: Any) -> dict[str, Any]:
    return {"Id": identity, "Names": [f"/{name}"], "State": "exited", "Image": "image", **more}


@pytest.fixture
def engine() -> ScriptedEngine:
    made = ScriptedEngine(
        containers=[OURS, {"Id": "gone", "Names": ["/gone"], "State": "exited"}],
        networks=[
            {
                "Name": "wabiz",
                "IPAM": {"Config": [{"Subnet": "172.18.0.0/16"}]},
                "Id": "ab" * 32,
                "Labels": {"org.wabiz.cluster": "wabiz"},
            },
            {"Name": "bridge", "Id": "cd" * 32, "Labels": None},
        ],
        volumes=[
            {"Name": "other", "Driver": "local", "Options": SHARE, "Labels": None},
            {"Name": "data", "Driver": "local", "Options": None, "Labels": {"org.wabiz.cluster": "wabiz"}},
        ],
    )
    made.inspected(DETAILS)
    made.answers |= {
        "/containers/wabiz-webapp-1/json": (200, {"Mounts": []}),
        "/images/local%3Av1/json": (
            200,
            {
                "Created": "2026-01-02T03:04:05.6Z",
                "Config": {"Labels": {"EXPIRES_ON": "2026-07-01"}},
                "Id": "sha256:1a1a",
                "RepoTags": ["local:v1"],
                "RepoDigests": ["local@sha256:d1d1", "elsewhere/local@sha256:d1d1"],
                "Architecture": "amd64",
                "Size": 812,
                "RootFS": {"Type": "layers", "Layers": ["sha256:a", "sha256:b"]},
            },
        ),
        "/images/bare%3Av1/json": (200, {"Created": "2026-01-02T03:04:05.6Z", "Config": {"Labels": None}}),
        "/distribution/remote%3Av1/json": (
            200,
            {
                "Descriptor": {"digest": "sha256:e2e2", "size": 1570},
                "Platforms": [{"architecture": "arm64"}, {"architecture": "amd64"}, {"architecture": "unknown"}],
            },
        ),
        "/distribution/missing%3Av1/json": (404, {"message": "manifest unknown"}),
        "/images/Wrong%3Av1/json": (400, {"message": "invalid reference format"}),
        "/distribution/Wrong%3Av1/json": (400, {"message": "invalid reference format"}),
        "/distribution/secret%3Av1/json": (401, {"message": "unauthorized: login first"}),
    }
    return made


@pytest.fixture
def path(engine: ScriptedEngine, tmp_path: Path) -> Iterator[Path]:
    with engine.listening(tmp_path / "docker.sock") as listening:
        yield listening


def run(**options: Any) -> dict[str, Any]:
    return execute("host_info", options)


def only(engine: ScriptedEngine, path: Path, entry: dict[str, Any], details: dict[str, Any]) -> dict[str, Any]:
    """What is reported of one container."""
    engine.answers["/containers/json?all=1"] = (200, [entry])
    engine.inspected(details)
    found: dict[str, Any] = run(socket=str(path))["containers"][0]
    return found


def test_containers_networks_and_volumes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_state, "_libseccomp", lambda: "2.5.4")
    found = run(socket=str(path))
    assert found["engine"] == {
        "running": True,
        "present": True,
        "kind": "docker",
        "version": "20.10.24",
        "error": "",
        "architecture": "amd64",
        "seccomp": "default",
        "libseccomp": "2.5.4",
    }
    # This node has none of them.
    assert found["containers"][0].pop("secrets") == {"api_key": "", "jwt_key": "", "secret": ""}
    digest = found["containers"][0]["database"].pop("password_digest")
    assert matches("canary", digest)
    assert not matches("Canary", digest)
    assert found["containers"] == [
        {
            "name": "wabiz-coreapp-1",
            "id": ID[:12],
            "image": "coreapp:v2.57.2",
            "image_id": "sha256:5a5a",
            "running": True,
            "cluster": "wabiz",
            "node": "coreapp",
            "version": "2.57.2",
            "ports": [6250, 6251],
            "networks": ["wabiz"],
            "volumes": ["data"],
            "writes": ["/x", "data"],
            "env_names": sorted(item.partition("=")[0] for item in ENV),
            "restart_policy": "unless-stopped",
            "starts_at_boot": False,
            "client": "multi",
            "database": {"engine": "MYSQL", "host": "db1", "port": "3306", "user": "wabiz", "prefix": "p_"},
            "media": {},
            "error": "",
        }
    ]
    assert found["networks"] == [
        {"name": "bridge", "id": "cd" * 6, "cluster": "", "containers": [], "subnets": []},
        {
            "name": "wabiz",
            "id": "ab" * 6,
            "cluster": "wabiz",
            "containers": ["wabiz-coreapp-1"],
            "subnets": ["172.18.0.0/16"],
        },
    ]
    assert found["volumes"] == [
        {"name": "data", "cluster": "wabiz", "driver": "local", "options": {}},
        {"name": "other", "cluster": "", "driver": "local", "options": {**SHARE, "o": "username=wa,password=********"}},
    ]
    assert found["problems"] == {}
    assert "canary" not in json.dumps(found)


def test_the_database_of_a_client_that_this_collection_did_not_make(engine: ScriptedEngine, path: Path) -> None:
    """The vendor's files set no prefix; the login is of no use."""
    env = ["WA_DB_ENGINE=MYSQL", "WA_DB_HOSTNAME=db1", "WA_DB_PORT=3306", "WA_DB_USERNAME=w", "WA_DB_PASSWORD=canary"]
    details = {**DETAILS, "Config": {"Image": "docker.whatsapp.biz/web:v2.53.3", "Env": env}}
    found = only(engine, path, listed("biz_waweb_1"), details)
    assert found["database"] == {"engine": "MYSQL", "host": "db1", "port": "3306", "prefix": ""}
    program = {**details, "Config": {"Image": "mysql:8.0", "Env": env, "Cmd": ["mysqld"]}}
    assert only(engine, path, listed("db"), program)["database"] == {}


@pytest.mark.parametrize("missing", ["pymysql", "cryptography"])
def test_mysql_takes_two_libraries(path: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """A password by caching_sha2_password without TLS is encrypted by the second one."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else object())
    assert run(socket=str(path))["drivers"] == {
        "mysql": False,
        "postgresql": True,
        "crypto": missing != "cryptography",
    }


def test_without_details_no_container_is_inspected(engine: ScriptedEngine, path: Path) -> None:
    found = run(socket=str(path), details=False)
    assert [(item["name"], item["cluster"]) for item in found["containers"]] == [
        ("wabiz-coreapp-1", "wabiz"),
        ("gone", ""),
    ]
    assert not any(asked.endswith(f"{ID}/json") for asked in engine.asked)


def test_images_by_place_and_by_what_the_registry_says(path: Path) -> None:
    found = run(socket=str(path), images=["local:v1", "remote:v1", "missing:v1", "secret:v1", "Wrong:v1"])
    assert found["images"] == {
        "local:v1": "local",
        "remote:v1": "registry",
        "missing:v1": "manifest unknown",
        "secret:v1": "cannot be checked: unauthorized: login first",
        "Wrong:v1": "invalid reference format",
    }


def test_what_local_images_say_of_themselves(path: Path) -> None:
    found = run(socket=str(path), images=["local:v1", "bare:v1", "remote:v1"])
    local = found["image_facts"]["local:v1"]
    assert len(local.pop("content")) == 64
    assert local == {
        "created": "2026-01-02T03:04:05.6Z",
        "expires_on": "2026-07-01",
        "id": "sha256:1a1a",
        "digests": ["sha256:d1d1"],
        "tags": ["local:v1"],
        "architecture": "amd64",
        "size": 812,
    }
    bare = {"id": "", "digests": [], "tags": [], "architecture": "", "size": 0, "content": ""}
    assert found["image_facts"]["bare:v1"] == {"created": "2026-01-02T03:04:05.6Z", "expires_on": "", **bare}
    assert found["registry_facts"] == {"remote:v1": {"digest": "sha256:e2e2", "architectures": ["amd64", "arm64"]}}


@pytest.mark.parametrize(
    ("change", "same"),
    [({"Id": "sha256:other-store"}, True), ({"RootFS": {"Layers": ["sha256:a"]}}, False), ({"Created": "2027"}, False)],
)
def test_an_image_is_the_same_by_its_layers(
    engine: ScriptedEngine, path: Path, change: dict[str, Any], same: bool
) -> None:
    """Docker names an image by its configuration or, with containerd's store, by its manifest."""
    _status, details = engine.answers["/images/local%3Av1/json"]
    engine.answers["/images/again%3Av1/json"] = (200, {**details, **change})
    facts = run(socket=str(path), images=["local:v1", "again:v1"])["image_facts"]
    assert (facts["local:v1"]["content"] == facts["again:v1"]["content"]) is same


REGISTRY = "registry.example.net:5000"
LOGIN = {"username": "puller", "password": "Canary-password-1", "serveraddress": REGISTRY}


def logins(engine: ScriptedEngine, image: str) -> list[Any]:
    """With which logins the engine was asked about an image in its registry."""
    asked = engine.logins[f"/distribution/{quote(image)}/json"]
    return [json.loads(base64.urlsafe_b64decode(login)) if login else None for login in asked]


def test_the_login_that_is_given_is_for_its_registry_alone(
    engine: ScriptedEngine, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    images = [f"{REGISTRY}/whatsapp/web:v1", "registry.example.net/web:v1", "mysql:8.0"]
    given = {"registry": f"{REGISTRY}/whatsapp", "registry_user": "puller", "registry_password": "Canary-password-1"}
    found = run(socket=str(path), images=images, **given)
    assert [logins(engine, image) for image in images] == [[LOGIN], [None], [None]]
    assert "Canary" not in json.dumps(found)


@pytest.mark.parametrize(
    ("config", "login"),
    [
        ({"auths": {REGISTRY: {"auth": "cHVsbGVyOkNhbmFyeS1wYXNzd29yZC0x"}}}, LOGIN),
        ({"auths": {f"https://{REGISTRY}/v2/": {"auth": "cHVsbGVyOkNhbmFyeS1wYXNzd29yZC0x"}}}, LOGIN),
        ({"auths": {REGISTRY: {"identitytoken": "abc"}}}, {"identitytoken": "abc", "serveraddress": REGISTRY}),
        ({"auths": {REGISTRY: {}}, "credsStore": "canary"}, LOGIN),
        ({"credHelpers": {REGISTRY: "canary"}}, LOGIN),
        ({"credHelpers": {REGISTRY: "missing"}}, None),
        ({"auths": {"another.example.net": {"auth": "eDp5"}}}, None),
        ({"auths": {REGISTRY: {"auth": "not base64"}}}, None),
        ({"auths": []}, None),
    ],
)
def test_the_hosts_own_login_is_found_as_docker_finds_it(
    engine: ScriptedEngine,
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: dict[str, Any],
    login: dict[str, str] | None,
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    answer = json.dumps({"ServerURL": REGISTRY, "Username": "puller", "Secret": "Canary-password-1"})
    helper = tmp_path / "docker-credential-canary"
    helper.write_text(f"#!/bin/sh\nread -r asked\n[ \"$1 $asked\" = 'get {REGISTRY}' ] && echo '{answer}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    run(socket=str(path), images=[f"{REGISTRY}/web:v1"])
    assert logins(engine, f"{REGISTRY}/web:v1") == [login]


@pytest.mark.parametrize(
    ("helper", "trouble"),
    [
        # What it starts keeps its output open.
        ("#!/bin/sh\nsleep 5\n", "docker-credential-canary does not answer within 0.2 s"),
        ("", "docker-credential-canary cannot be run: "),
    ],
)
def test_a_credential_helper_that_fails_is_named(
    engine: ScriptedEngine,
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    helper: str,
    trouble: str,
) -> None:
    """A pull would fail with it, or hang; without it the registry may still be asked."""
    (tmp_path / "config.json").write_text('{"credsStore": "canary"}', encoding="utf-8")
    if helper:
        program = tmp_path / "docker-credential-canary"
        program.write_text(helper)
        program.chmod(0o755)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(registry_login, "_HELPER_SECONDS", 0.2)
    started = time.monotonic()
    told = run(socket=str(path), images=["secret:v1", "remote:v1"])["images"]
    assert time.monotonic() - started < 4
    assert told["secret:v1"].startswith(f"cannot be checked: unauthorized: login first ({trouble}")
    assert told["remote:v1"] == "registry"


def test_a_registry_that_does_not_answer_costs_its_image_only(engine: ScriptedEngine, path: Path) -> None:
    engine.slow.add("/distribution/remote%3Av1/json")
    found = run(socket=str(path), images=["remote:v1", "local:v1", "missing:v1"], registry_timeout=0.2)
    assert found["images"] == {
        "remote:v1": "cannot be checked: registry: no answer within 0.2 s",
        "local:v1": "local",
        "missing:v1": "manifest unknown",
    }
    assert [item["name"] for item in found["containers"]] == ["wabiz-coreapp-1"]


def test_a_container_that_does_not_answer_costs_nothing_else(engine: ScriptedEngine, path: Path) -> None:
    engine.slow.add(f"/containers/{ID}/json")
    engine.answers["/containers/json?all=1"] = (200, [OURS, listed("foreign", "f" * 64)])
    engine.inspected(DETAILS, "f" * 64)
    first, second = run(socket=str(path), engine_timeout=0.3)["containers"]
    assert (first["name"], first["cluster"], first["error"]) == (
        "wabiz-coreapp-1",
        "wabiz",
        "no answer within 0.3 s",
    )
    assert (first["client"], first["starts_at_boot"], first["database"]) == ("", False, {})
    assert (second["name"], second["client"], second["error"]) == ("foreign", "multi", "")


@pytest.mark.parametrize("names", [None, [], "x", [None]])
def test_a_dead_container_without_a_name(engine: ScriptedEngine, path: Path, names: Any) -> None:
    found = only(engine, path, {"Id": ID, "Names": names, "State": "dead"}, {"Config": None, "State": None})
    assert (found["name"], found["running"], found["env_names"], found["error"]) == (ID[:12], False, [], "")


def test_podman_names_its_containers_without_a_slash(engine: ScriptedEngine, path: Path) -> None:
    engine.answers["/version"] = (200, {"Components": [{"Name": "Podman Engine"}]})
    found = only(engine, path, {"Id": ID, "Names": ["foreign"], "State": "Running", "Ports": None}, DETAILS)
    assert (found["name"], found["running"]) == ("foreign", True)
    assert run(socket=str(path))["engine"]["kind"] == "podman"


def test_an_engine_from_dockers_own_packages(engine: ScriptedEngine, path: Path) -> None:
    engine.answers["/version"] = (200, {"Platform": {"Name": "Docker Engine - Community"}, "Components": []})
    assert run(socket=str(path))["engine"]["kind"] == "docker-ce"


def test_an_engine_from_a_snap(engine: ScriptedEngine, path: Path) -> None:
    engine.answers["/info"] = (200, {**INFO, "DockerRootDir": "/var/snap/docker/common/var-lib-docker"})
    assert run(socket=str(path))["engine"]["kind"] == "snap"


@pytest.mark.parametrize(
    ("options", "profile"),
    [
        (["name=apparmor", "name=seccomp,profile=builtin"], "builtin"),
        (["name=seccomp,profile=/etc/docker/seccomp.json"], "/etc/docker/seccomp.json"),
        (["name=seccomp"], "default"),
        (["name=apparmor"], ""),
        (None, ""),
    ],
)
def test_the_seccomp_profile(engine: ScriptedEngine, path: Path, options: Any, profile: str) -> None:
    engine.answers["/info"] = (200, {**INFO, "SecurityOptions": options})
    assert run(socket=str(path))["engine"]["seccomp"] == profile


def test_a_rootless_engine(engine: ScriptedEngine, path: Path) -> None:
    engine.answers["/info"] = (200, {**INFO, "SecurityOptions": ["name=rootless"]})
    assert run(socket=str(path))["engine"]["kind"] == "rootless"


@pytest.mark.parametrize(
    ("client", "env", "command"),
    [
        ("", ["PATH=/bin", "WA_WEB_ENDPOINT=web:9090", "WA_CORE_ENDPOINT=core:6252"], ["prometheus"]),
        ("", ["MYSQL_ROOT_PASSWORD=x"], ["mysqld"]),
        ("", ["WA_DB_HOSTNAME="], ["sh"]),
        ("single", ["WA_DB_HOSTNAME=db"], ["start.sh"]),
        ("single", ["WA_DB_NAME_PREFIX=x", "WA_APP_MULTICONNECT=0"], ["start.sh"]),
        ("single", [], ["/opt/whatsapp/bin/wait_on_mysql.sh", "/opt/whatsapp/bin/launch_within_docker.sh"]),
        ("multi", ["WA_DB_ENGINE=MYSQL", "WA_APP_MULTICONNECT=true"], []),
        ("dbupgrade", ["WA_DB_ENGINE=MYSQL", "WA_APP_MULTICONNECT=1", "WA_DB_UPGRADE=1"], []),
        ("multi", ["WA_DB_HOSTNAME=db", 'WA_APP_MULTICONNECT="1"'], []),
        ("dbupgrade", ["WA_DB_HOSTNAME=db", "WA_DB_UPGRADE='true'"], []),
        ("", ['WA_DB_HOSTNAME=""'], ["start.sh"]),
        ("", ["WA_DB_HOSTNAME=db"], ["mysqldump", "-h", "db"]),
        ("", ["WA_DB_HOSTNAME=db"], ["docker-entrypoint.sh", "mysqld", "--skip-name-resolve"]),
        ("", ["WA_DB_HOSTNAME=db"], ["/usr/lib/postgresql/16/bin/postgres"]),
        ("", ["WA_DB_HOSTNAME=db"], ["sh", "-c", "pg_dump waweb"]),
        (
            "",
            ["WA_DB_HOSTNAME=db"],
            [
                "sh",
                "-ec",
                'while true; do mysqldump -h "$WA_DB_HOSTNAME" x 2>&1 | gzip > "/b/$(date +%F)"; sleep 9; done',
            ],
        ),
        ("single", ["WA_DB_HOSTNAME=db"], ["sh", "-c", "until mysqladmin ping; do sleep 1; done; exec /start"]),
        ("single", ["WA_DB_HOSTNAME=db"], ["start.sh", "mysql"]),
        ("single", ["WA_DB_HOSTNAME=db"], ["/entrypoint.sh", "start.sh"]),
        ("", ["WA_DB_HOSTNAME=db"], ["/docker-entrypoint.sh", "apache2-foreground"]),
        ("", ["WA_DB_HOSTNAME=db"], ["entrypoint.sh", "docker-php-entrypoint", "php", "-S", "[::]:8080"]),
        ("", ["WA_DB_HOSTNAME=db"], ["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"]),
        ("", ["WA_DB_HOSTNAME=db"], ["/bin/mysqld_exporter"]),
        ("single", ["WA_DB_HOSTNAME=db"], ["sh", "-c", "mysqldump x; /opt/whatsapp/bin/launch_within_docker.sh"]),
    ],
)
@pytest.mark.parametrize("place", ["Cmd", "Entrypoint", "Args"])
def test_clients_are_recognised_whatever_their_image_is_called(
    engine: ScriptedEngine, path: Path, client: str, env: list[str], command: list[str], place: str
) -> None:
    config: dict[str, Any] = {"Image": "coreapp@sha256:1", "Env": env}
    details = {"Config": config, "Args": command} if place == "Args" else {"Config": {**config, place: command}}
    found = only(engine, path, listed("foreign"), details)
    assert found["client"] == client
    # Of others' containers nothing but names and kinds is told, and of their clients where the database is.
    told = {"WA_DB_ENGINE": "engine", "WA_DB_HOSTNAME": "host", "WA_DB_PORT": "port", "WA_DB_NAME_PREFIX": "prefix"}
    given = dict(item.split("=", 1) for item in env)
    known = {key: given.get(name, "") for name, key in told.items()}
    assert found["database"] == (known if client and any(known.values()) else {})


@pytest.mark.parametrize("state", ["running", "paused", "restarting", "Paused"])
def test_a_client_that_is_held_or_restarts_is_found(engine: ScriptedEngine, path: Path, state: str) -> None:
    found = only(engine, path, listed("foreign", State=state), {**DETAILS, "State": {"Status": state}})
    assert (found["running"], found["client"]) == (True, "multi")


@pytest.mark.parametrize(("state", "ports"), [("restarting", [6250, 6251]), ("exited", [])])
def test_a_container_that_restarts_again_and_again_keeps_its_ports(
    engine: ScriptedEngine, path: Path, state: str, ports: list[int]
) -> None:
    bindings = {"6251/tcp": [{"HostPort": "6251"}], "6250/tcp": [{"HostPort": "6250"}, {"HostPort": ""}], "1/tcp": None}
    details = {**DETAILS, "HostConfig": {"RestartPolicy": {"Name": "always"}, "PortBindings": bindings}}
    assert only(engine, path, listed("foreign", State=state), details)["ports"] == ports


@pytest.mark.parametrize(
    ("expected", "policy", "state"),
    [
        (True, {"Name": "always"}, {"Status": "exited"}),
        (False, {"Name": "always"}, {"Status": "created"}),
        (False, {"Name": "always"}, {"Status": "running"}),
        (False, {"Name": "no"}, {"Status": "exited", "ExitCode": 1}),
        (False, {"Name": ""}, {"Status": "exited"}),
        (False, {"Name": "unless-stopped"}, {"Status": "exited", "ExitCode": 137}),
        (True, {"Name": "unless-stopped"}, {"Status": "exited", "ExitCode": 128, "Error": "network not found"}),
        (True, {"Name": "on-failure"}, {"Status": "exited", "ExitCode": 143}),
        (False, {"Name": "on-failure"}, {"Status": "exited", "ExitCode": 0}),
        (False, {"Name": "on-failure", "MaximumRetryCount": 2}, {"Status": "exited", "ExitCode": 1}),
        (True, {"Name": "on-failure", "MaximumRetryCount": 3}, {"Status": "exited", "ExitCode": 1}),
        (False, None, None),
    ],
)
def test_what_the_next_boot_starts(engine: ScriptedEngine, path: Path, expected: bool, policy: Any, state: Any) -> None:
    """As seen with an engine that was stopped and started again."""
    details = {"Config": {}, "HostConfig": {"RestartPolicy": policy}, "State": state, "RestartCount": 2}
    found = only(engine, path, listed("c"), details)
    assert found["starts_at_boot"] is expected
    assert found["restart_policy"] == ((policy or {}).get("Name") or "no")


def test_one_hash_for_a_password_that_many_nodes_share(engine: ScriptedEngine, path: Path) -> None:
    engine.answers["/containers/json?all=1"] = (200, [OURS, {**OURS, "Names": ["/wabiz-master-1"]}])
    first, second = (item["database"]["password_digest"] for item in run(socket=str(path))["containers"])
    assert first == second
    assert run(socket=str(path))["containers"][0]["database"]["password_digest"] != first


@pytest.mark.parametrize(
    ("question", "answer", "lost"),
    [
        ("/networks", (500, {"message": "broken"}), {"networks": "broken"}),
        ("/networks", (200, {"message": "x"}), {"networks": "the engine's list of networks is not readable"}),
        ("/volumes", (200, []), {"volumes": "the engine's list of volumes is not readable"}),
        ("/containers/json?all=1", (200, None), {"containers": "the engine's list of containers is not readable"}),
        ("/containers/json?all=1", (500, b""), {"containers": "HTTP status 500"}),
        ("/volumes", (200, {"Volumes": None}), {}),
    ],
)
def test_a_list_that_cannot_be_read_is_told(
    engine: ScriptedEngine, path: Path, question: str, answer: Any, lost: dict[str, str]
) -> None:
    engine.answers[question] = answer
    found = run(socket=str(path))
    assert found["problems"] == lost
    assert all(found[kind] == [] for kind in lost)


UNLIMITED = {"Memory": 0, "MemorySwap": 0, "NanoCpus": 0, "CpusetCpus": "", "PidsLimit": None, "CpuShares": 0}


def limits(path: Path, engine: ScriptedEngine, swap: bool, **set_: Any) -> dict[str, Any]:
    engine.answers["/info"] = (200, {**INFO, "SwapLimit": swap})
    engine.inspected({"HostConfig": {**UNLIMITED, **set_}}, "c1")
    found: dict[str, Any] = run(socket=str(path), limits_of=["c1", "absent"])["limits"]
    return found


def test_limits_are_told_by_the_names_of_docker_container(engine: ScriptedEngine, path: Path) -> None:
    assert limits(path, engine, True) == {"c1": {}}
    assert limits(path, engine, True, PidsLimit=-1) == {"c1": {}}
    both = {"Memory": 100, "MemorySwap": 200}
    assert limits(path, engine, True, **both, NanoCpus=5, CpusetCpus="0", PidsLimit=9) == {
        "c1": {"memory": 100, "memory_swap": 200, "cpus": 5, "cpuset_cpus": "0", "pids_limit": 9}
    }


def test_an_engine_that_cannot_limit_swap_tells_nothing_of_it(engine: ScriptedEngine, path: Path) -> None:
    """It writes -1 into a container that was created with a limit of memory."""
    assert limits(path, engine, False, Memory=100, MemorySwap=-1) == {"c1": {"memory": 100}}


def test_limits_that_cannot_be_read_are_told(engine: ScriptedEngine, path: Path) -> None:
    engine.answers["/containers/c1/json"] = (500, {"message": "broken"})
    found = run(socket=str(path), limits_of=["c1"])
    assert (found["limits"], found["problems"]) == ({}, {"limits": "broken"})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*OURS, *DETAILS, "Name", "Components", "Networks", "Env"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


QUESTIONS = ["/info", "/version", "/containers/json?all=1", f"/containers/{ID}/json", "/networks", "/volumes"]


@given(st.sampled_from(QUESTIONS), st.sampled_from([200, 404, 500]), anything)
def test_no_answer_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory, question: str, status: int, answer: Any
) -> None:
    odd = ScriptedEngine(containers=[OURS])
    odd.inspected(DETAILS)
    odd.answers[question] = (status, answer)
    with odd.listening(tmp_path_factory.mktemp("odd") / "s") as path:
        found = run(socket=str(path))
    assert found["changed"] is False
    assert "failed" not in found


def test_what_answers_is_no_engine(engine: ScriptedEngine, path: Path) -> None:
    engine.answers["/info"] = (200, b"[" * 100_000)
    assert "no container engine" in run(socket=str(path))["engine"]["error"]


def test_a_host_without_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_state, "is_installed", lambda _path: False)
    found = run(socket=str(tmp_path / "none.sock"), images=["local:v1"])
    assert (found["engine"]["running"], found["engine"]["present"], found["engine"]["kind"]) == (False, False, "")
    assert "No such file" in found["engine"]["error"]
    assert (found["containers"], found["images"], found["volumes"], found["networks"]) == ([], {}, [], [])
    assert found["disk_free"] > 0


def test_a_file_behind_a_stale_handle_ends_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.stat

    def stat(place: Any, *more: Any, **options: Any) -> os.stat_result:
        if str(place).startswith("/share"):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return real(place, *more, **options)

    monkeypatch.setattr(os, "stat", stat)
    assert run(socket=str(path), files=["/share/certificates", "/"])["files"] == {
        "/share/certificates": False,
        "/": True,
    }


def test_directories_that_do_not_answer_do_not_hold_the_inspection(
    engine: ScriptedEngine, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker's data, records of clusters and a copy of a certificate on a frozen share; the others are told."""
    engine.answers["/info"] = (200, {**INFO, "DockerRootDir": "/share/docker"})
    record = tmp_path / "one" / "cluster.json"
    record.parent.mkdir()
    record.write_text('{"number": "4915100000001"}', encoding="utf-8")
    held = {name: getattr(os, name) for name in ("stat", "scandir", "statvfs")}

    def hold(name: str) -> Any:
        def call(place: Any = ".", *more: Any, **options: Any) -> Any:
            if str(place).startswith("/share"):
                time.sleep(30)
            return held[name](place, *more, **options)

        return call

    for name in held:
        monkeypatch.setattr(os, name, hold(name))
    monkeypatch.setattr(host_info, "_SPACE_SECONDS", 0.5)
    began = time.monotonic()
    found = run(
        socket=str(path),
        config_directories=["/share/wabiz", str(tmp_path)],
        file_digests=["/share/webapp-ca.pem", str(record)],
    )
    assert time.monotonic() - began < 10
    assert found["disk_free"] == 0
    assert found["clusters"] == [{"cluster": "one", "number": "4915100000001"}]
    assert found["file_digests"] == {
        "/share/webapp-ca.pem": "",
        str(record): hashlib.sha256(record.read_bytes()).hexdigest(),
    }


def test_a_disk_on_which_no_file_can_be_made_has_nothing_free(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker could remove a container there, and make no other in its place."""
    left = SimpleNamespace(f_bavail=10**7, f_frsize=4096, f_files=1000, f_favail=0)
    monkeypatch.setattr(os, "statvfs", lambda _path: left)
    assert run(socket=str(path))["disk_free"] == 0


def test_ports_paths_files_and_connections(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_server(("127.0.0.1", 0)) as closed:
        taken, free = listener.getsockname()[1], closed.getsockname()[1]
        closed.close()
        found = run(
            socket=str(tmp_path / "none.sock"),
            ports=[taken, free],
            paths=["/", str(tmp_path), str(link / "new/")],
            files=["/etc/passwd", str(tmp_path / "none")],
            connect=[f"127.0.0.1:{taken}", f"[::ffff:127.0.0.1]:{taken}", f"127.0.0.1:{free}"],
        )
    assert found["ports_taken"] == [taken]
    assert found["mounts"] == {"/": True, str(tmp_path): False, str(link / "new"): False}
    assert found["links"] == {str(link / "new"): str(tmp_path / "new")}
    assert found["files"] == {"/etc/passwd": True, str(tmp_path / "none"): False}
    assert found["connections"][f"127.0.0.1:{taken}"] == ""
    assert found["connections"][f"[::ffff:127.0.0.1]:{taken}"] == ""
    assert "refused" in found["connections"][f"127.0.0.1:{free}"]


@pytest.mark.parametrize(
    "address", ["", "db1", ":3306", "db1:mysql", "127.0.0.1:99999999", f"{'x' * 70}.net:1", "..:1"]
)
def test_an_address_that_is_none(tmp_path: Path, address: str) -> None:
    assert run(socket=str(tmp_path / "none.sock"), connect=[address])["connections"][address]


def test_records_of_other_clusters(tmp_path: Path) -> None:
    contents = {
        "one": '{"number": "4915100000001"}',
        "two": '{"number": 4915100000002, "more": []}',
        "list": "[]",
        "none": '{"number": null}',
        "deep": "[" * 100_000,
        "text": "no JSON",
        "bytes": "\udcff",
    }
    for cluster, content in contents.items():
        (tmp_path / cluster).mkdir()
        (tmp_path / cluster / "cluster.json").write_text(content, encoding="utf-8", errors="surrogateescape")
    (tmp_path / "directory" / "cluster.json").mkdir(parents=True)
    (tmp_path / "bare").mkdir()
    options = {"socket": str(tmp_path / "none.sock"), "config_directories": [str(tmp_path), str(tmp_path), "/none"]}
    found = {item["cluster"]: item["number"] for item in run(**options)["clusters"]}
    assert found == {
        "one": "4915100000001",
        "two": "4915100000002",
        **dict.fromkeys(["list", "none", "deep", "text", "bytes", "directory"], ""),
    }
    assert len(run(**options)["clusters"]) == 8


def test_it_reads_in_check_mode_too(path: Path) -> None:
    assert execute("host_info", {"socket": str(path)}, check=True)["changed"] is False


# --- the CA in a webapp's container -------------------------------------------------------------------------------

CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
CA_DIGEST = hashlib.sha256(CERTIFICATE).hexdigest()
CA = "/var/lib/whatsapp/ca.pem"


def archive(content: bytes = b"", **entry: Any) -> tuple[int, bytes]:
    """What the engine answers: one file of a container, packed."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        info = tarfile.TarInfo("ca.pem")
        info.size = len(content)
        for name, value in entry.items():
            setattr(info, name, value)
        tar.addfile(info, io.BytesIO(content))
    return 200, packed.getvalue()


def stale(_path: str) -> None:
    raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))


def asked_for(path: str) -> str:
    return f"/containers/wabiz-webapp-1/archive?path={quote(path, safe='')}"


def authority_of(path: Path, **options: Any) -> dict[str, str]:
    found: dict[str, str] = run(socket=str(path), ca_of={"container": "wabiz-webapp-1"}, **options)[
        "certificate_authority"
    ]
    return found


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n\n"])
def test_the_ca_in_a_container_has_the_digest_of_the_copy_that_is_kept(
    engine: ScriptedEngine, path: Path, tmp_path: Path, end: bytes
) -> None:
    engine.answers[asked_for(CA)] = archive(CERTIFICATE.rstrip() + end)
    assert authority_of(path) == {"digest": CA_DIGEST, "problem": ""}
    kept = tmp_path / "webapp-ca.pem"
    kept.write_bytes(CERTIFICATE)
    wanted = {str(kept): CA_DIGEST, str(tmp_path / "none"): "", str(tmp_path): "", "/dev/zero": ""}
    assert run(socket=str(path), file_digests=[*wanted])["file_digests"] == wanted


@pytest.mark.parametrize("target", ["../lib2/real.pem", "/var/lib/lib2/real.pem"])
def test_a_link_to_the_ca_is_followed(engine: ScriptedEngine, path: Path, target: str) -> None:
    engine.answers[asked_for(CA)] = archive(type=tarfile.SYMTYPE, linkname=target)
    engine.answers[asked_for("/var/lib/lib2/real.pem")] = archive(CERTIFICATE)
    assert authority_of(path)["digest"] == CA_DIGEST


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((404, {"message": "No such container: wabiz-webapp-1"}), "No such container: wabiz-webapp-1"),
        ((500, b""), "HTTP status 500"),
        ((200, b"no archive"), "the engine's archive is not readable"),
        ((200, b""), "the engine's archive is not readable"),
        ((200, archive(CERTIFICATE * 500)[1][:9000]), "the engine's archive is not readable"),
        ((200, b"x" * 1_000_001), "the answer has more than 1000000 bytes"),
        (archive(type=tarfile.DIRTYPE), f"{CA} is not a file"),
        (archive(type=tarfile.SYMTYPE, linkname="ca.pem"), f"{CA} is a link to a link, too often"),
    ],
)
def test_a_ca_that_cannot_be_read_is_told_and_costs_nothing_else(
    engine: ScriptedEngine, path: Path, answer: Any, problem: str
) -> None:
    engine.answers[asked_for(CA)] = answer
    found = run(socket=str(path), ca_of={"container": "wabiz-webapp-1"}, images=["local:v1"])
    assert found["certificate_authority"] == {"digest": "", "problem": problem}
    assert found["images"] == {"local:v1": "local"}
    assert found["problems"] == {}


def test_an_engine_that_takes_too_long_for_the_ca(engine: ScriptedEngine, path: Path) -> None:
    engine.slow.add(asked_for(CA))
    assert authority_of(path, engine_timeout=0.3)["problem"] == "no answer within 0.3 s"


def test_the_engine_is_not_asked_for_a_file_while_the_media_do_not_answer(
    engine: ScriptedEngine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would wait for them itself, with the container locked."""
    monkeypatch.setattr(sharing, "_seen", stale)
    mounts = [{"Source": "/srv/media", "Destination": "/usr/local/wamedia"}]
    engine.answers["/containers/wabiz-webapp-1/json"] = (200, {"Mounts": mounts})
    engine.answers[asked_for(CA)] = archive(CERTIFICATE)
    problem = "not read, as its media (/srv/media) do not answer: Stale file handle"
    assert authority_of(path) == {"digest": "", "problem": problem}


def test_no_ca_where_none_is_asked_for_or_no_engine_answers(path: Path, tmp_path: Path) -> None:
    assert run(socket=str(path))["certificate_authority"] == {"digest": "", "problem": ""}
    assert authority_of(tmp_path / "none.sock") == {"digest": "", "problem": "no engine answers"}


def test_names_are_looked_up_as_containers_do(tmp_path: Path) -> None:
    """localhost is in every /etc/hosts; .invalid is in no DNS (RFC 6761)."""
    found = run(socket=str(tmp_path / "none.sock"), resolve=["wabiz-none.invalid"], resolve_timeout=10)
    assert found["names"]["wabiz-none.invalid"].startswith(("is not known to DNS", "cannot be checked"))
    assert run(socket=str(tmp_path / "none.sock"))["names"] == {}


def test_who_holds_the_lock(path: Path, tmp_path: Path) -> None:
    lock = tmp_path / "operation.lock"
    assert run(socket=str(path), lock_path=str(lock))["lock"] == {}
    until = time.time() + 60
    lease.write(lock, lease.Lease("anna", "an upgrade", 0, until))
    found = run(socket=str(path), lock_path=str(lock))["lock"]
    assert found == {
        "holder": "anna",
        "purpose": "an upgrade",
        "since": "1970-01-01T00:00:00+00:00",
        "until": lease.iso(until),
        "expired": False,
    }
    lease.write(lock, lease.Lease("anna", "", 0, 1))
    assert run(socket=str(path), lock_path=str(lock))["lock"]["expired"]
    lock.write_text("something else")
    assert "does not hold a lock" in run(socket=str(path), lock_path=str(lock))["lock"]["error"]


def test_what_was_not_asked_for_is_not_returned(path: Path) -> None:
    assert not {"lock", "balancer", "health"} & set(run(socket=str(path)))


def test_the_client_is_asked_in_the_same_execution(
    path: Path, webapp: ScriptedServer, tls_files: dict[str, str]
) -> None:
    node = {"gateway_status": "connected", "role": "primary_master"}
    answer = {"health": {"app1:0123456789ab": node}, "meta": META}
    webapp.expect(Step("GET", "/v1/health", answer=answer, headers={"Authorization": f"Apikey {KEY}"}))
    client = {"endpoints": [webapp.address], "ca_path": tls_files["ca"]}
    found = run(socket=str(path), client=client, client_api_key=KEY)
    assert found["engine"]["running"]
    assert found["health"]["nodes"][0]["host"] == "app1" and found["health"]["version"] == META["version"].lstrip("v")


def test_a_client_that_does_not_answer_is_told_and_hides_nothing(path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"https://127.0.0.1:{unused.getsockname()[1]}"
        found = run(socket=str(path), client={"endpoints": [endpoint]}, client_api_key=KEY)
    assert found["engine"]["running"]
    assert set(found["health"]) == {"msg"} and endpoint.removeprefix("https://") in found["health"]["msg"]
    assert run(socket=str(path), client={"endpoints": []})["health"]["msg"].startswith("endpoints is empty")


def balancer(path: Path, answer: bytes | None) -> threading.Thread:
    """Listens once; None is a balancer that says nothing."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(1)

    def serve() -> None:
        with server, server.accept()[0] as connection:
            assert connection.recv(100) == b"show stat\n"
            if answer is None:
                connection.recv(1)  # until the module gives up
            else:
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_the_balancers_statistics(path: Path, tmp_path: Path) -> None:
    text = "# pxname,svname,\n" + "webapps,x,\n" * 10_000
    thread = balancer(tmp_path / "admin.sock", text.encode())
    assert run(socket=str(path), balancer_socket=str(tmp_path / "admin.sock"))["balancer"] == text
    thread.join(5)


def test_a_balancer_that_does_not_answer(tmp_path: Path) -> None:
    assert statistics(str(tmp_path / "none.sock"), 1.0) == ""
    thread = balancer(tmp_path / "admin.sock", None)
    assert statistics(str(tmp_path / "admin.sock"), 0.05) == ""
    thread.join(5)


def test_room_in_directories(path: Path, tmp_path: Path) -> None:
    found = run(socket=str(path), spaces=[str(tmp_path), "/does/not/exist"])["spaces"]
    assert found[str(tmp_path)] > 0 and found["/does/not/exist"] is None


def test_the_directory_of_the_media(path: Path, tmp_path: Path) -> None:
    assert "media" not in run(socket=str(path))
    found = run(socket=str(path), media_path=str(tmp_path))["media"]
    assert (found["path"], found["problem"]) == (str(tmp_path), "")


def test_what_a_running_node_has_mounted_for_its_media(
    engine: ScriptedEngine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = b"41 22 0:42 / /usr/local/wamedia rw - nfs4 nas:/wa rw\n"
    monkeypatch.setattr(Path, "read_bytes", lambda place: table if str(place) == "/proc/4711/mountinfo" else b"")
    engine.inspected({**DETAILS, "State": {"Status": "running", "Pid": 4711}})
    (container,) = run(socket=str(path))["containers"]
    assert container["media"] == {"fstype": "nfs4", "source": "nas:/wa", "device": "0:42"}


def test_a_share_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()

    def hang(_path: str) -> None:
        gone.wait(10)
        raise OSError

    monkeypatch.setattr(os, "statvfs", hang)
    assert free_space("/media", 0.05) is None
    gone.set()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty root directory that the module looks at, with a directory of programs."""
    monkeypatch.setattr(engine_state, "_ROOT", tmp_path)
    monkeypatch.setattr(engine_state, "_PROGRAM_PATHS", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return tmp_path


# In a file's place: a socket at which something listens, and that stays when it ends.
LISTENING = "listening"


@contextlib.contextmanager
def listener(path: Path, backlog: int = 9) -> Iterator[Path]:
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(path))
        there.listen(backlog)
        yield path


def placed(root: Path, path: str, text: str = "#!/bin/sh\n") -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"bin/docker": '#!/bin/sh\nexec /usr/bin/podman "$@"\n', "run/docker.sock": ""}, "podman"),
        ({"snap/bin/docker": ""}, "snap"),
        ({"run/user/1/docker.sock": LISTENING, "bin/docker": ""}, "rootless"),
        # The engine of the system is there too, and can be started.
        ({"run/user/1/docker.sock": LISTENING, "bin/dockerd": "", "lib/systemd/system/docker.service": ""}, ""),
        ({"bin/docker": "", "bin/dockerd": ""}, ""),
        ({"bin/dockerd": ""}, ""),
        ({"etc/systemd/system/docker.service": ""}, ""),
        # An engine that listens at another socket than the one that is asked.
        ({"run/docker.sock": LISTENING}, ""),
    ],
)
def test_what_is_installed_where_no_engine_answers(root: Path, files: dict[str, str], kind: str) -> None:
    with contextlib.ExitStack() as listening:
        for path, text in files.items():
            placed(root, path, text)
            if text == LISTENING:
                (root / path).unlink()
                listening.enter_context(listener(root / path))
        found = run(socket=str(root / "none.sock"))["engine"]
    assert (found["running"], found["present"], found["kind"]) == (False, True, kind)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"bin/docker": ""}, ""),
        # Debian's engine would replace it.
        ({"bin/docker": "", "var/lib/dpkg/info/docker-ce-cli.list": ""}, "docker-ce"),
        ({"var/lib/dpkg/info/docker-ce-cli.list": ""}, ""),
    ],
)
def test_a_command_docker_alone_is_no_engine(root: Path, files: dict[str, str], kind: str) -> None:
    for path, text in files.items():
        placed(root, path, text)
    found = run(socket=str(root / "none.sock"))["engine"]
    assert (found["present"], found["kind"]) == (False, kind)


def test_what_a_removed_engine_has_left_is_no_engine(root: Path) -> None:
    """Its socket, the link of podman-docker, which stays until the host boots, and the mask of Debian's packages."""
    for place in ("run", "run/user/1"):
        (root / place).mkdir(parents=True, exist_ok=True)
        with listener(root / place / "docker.sock"):
            pass
    (root / "podman.sock").symlink_to(root / "run/podman/podman.sock")
    mask = root / "etc/systemd/system/docker.service"
    mask.parent.mkdir(parents=True)
    mask.symlink_to("/dev/null")
    for socket_ in ("run/docker.sock", "podman.sock"):
        found = run(socket=str(root / socket_))["engine"]
        assert (found["running"], found["present"], found["kind"]) == (False, False, "")


def test_a_socket_that_does_not_say_whether_something_listens_is_an_engines(root: Path) -> None:
    """Its queue is full: the engine is there, and hangs."""
    with listener(root / "docker.sock", backlog=0) as path, socket.socket(socket.AF_UNIX) as waiting:
        waiting.connect(str(path))
        assert engine_state.is_installed(str(path))


def test_the_command_docker_is_looked_for_where_cron_finds_it(root: Path) -> None:
    assert run(socket=str(root / "none.sock"))["requirements"]["docker"] is False
    placed(root, "bin/docker")
    assert run(socket=str(root / "none.sock"))["requirements"]["docker"] is True


def test_the_version_of_libseccomp(root: Path) -> None:
    assert engine_state._libseccomp() == ""
    placed(root, "usr/lib/x86_64-linux-gnu/libseccomp.so.2.5.4")
    assert engine_state._libseccomp() == "2.5.4"


def test_addresses_of_the_host(tmp_path: Path) -> None:
    given = ["127.0.0.1", "192.0.2.1", "2001:db8::1", "no address"]
    found = run(socket=str(tmp_path / "none.sock"), addresses=given)["addresses"]
    assert list(found) == given
    assert found["127.0.0.1"] == ""
    assert all(found[other] for other in given[1:])
