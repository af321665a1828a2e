"""The API description and what is served agree: routes without a database, answers on a real cluster."""

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from schemathesis.checks import load_all_checks

from standin.common.environment import web_settings
from standin.common.errors import TABLE
from standin.common.release import Release
from standin.common.timing import Scale
from standin.web.__main__ import application
from standin.web.backend import Backend
from tests.standin.cluster import API_KEY, PASSWORD, Cluster, basic, docker, running_cluster
from tests.standin.fuzzing import tried
from tests.support.waiting import wait_for

DESCRIPTION = Path(__file__).parents[2] / "standin" / "openapi.yaml"
METHODS = {"get", "post", "put", "patch", "delete"}
EXAMPLES = int(os.environ.get("STANDIN_TEST_EXAMPLES") or 5)
GUEST = "guest"
BY_KEY = {"health", "statsApp", "statsDb", "metrics"}
EVERYBODY = {"support", "statsAppInternal", "statsDbInternal", "sendMessage", "markRead", "checkContacts"}
EVERYBODY |= {"showIdentity", "acknowledgeIdentity", "uploadMedia", "downloadMedia", "deleteMedia"}
EVERYBODY |= {"showPacks", "createPack", "showPack", "changePack", "deletePack"}
EVERYBODY |= {"showStickers", "addSticker", "showSticker", "changeSticker", "deleteSticker"}
# Codes that the documents do not have.
UNKNOWN = {1019, 1020, 1027, 1029, 1030}


def described() -> dict[tuple[str, str], dict[str, Any]]:
    """Method and path of every operation of the description."""
    paths = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))["paths"]
    return {
        (method.upper(), path): operation
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in METHODS
    }


def test_every_route_is_described() -> None:
    """Neither side has an endpoint that the other has not."""
    environment = {"WA_DB_ENGINE": "MYSQL", "WA_DB_HOSTNAME": "db", "WA_DB_USERNAME": "u"}
    app = application(Backend(web_settings(environment), Release("web", "2.57.2", "2999-01-01"), Scale()))
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert served == set(described())


def test_operation_ids() -> None:
    """Each operation has a name of its own."""
    names = [operation["operationId"] for operation in described().values()]
    assert len(names) == len(set(names))


def test_error_table() -> None:
    """All codes of the documents with a title; HTTP statuses where the API answers with them."""
    table: dict[str, dict[str, Any]] = json.loads(TABLE.read_text(encoding="utf-8"))
    documented = {400, 402, 408, 410, 429, 430, 432, 433, 470, 471, 472, 480, 500, 501}
    documented |= {*range(1000, 1032), *range(2000, 2018), *range(2023, 2031)}
    documented |= {2036, 2050, 2060, 2061, 2062, 2068, 2069}
    assert {int(code) for code in table} == documented - UNKNOWN
    for code, entry in table.items():
        assert entry["title"]
        assert (entry["status"] is None) == (int(code) < 1000)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """The smallest registered cluster."""
    with running_cluster("MYSQL", scale=10) as running:
        running.up(masters=1, coreapps=1)
        running.register()
        guest = {"username": GUEST, "password": PASSWORD}
        assert running.call("POST", "/v1/users", guest, running.token)[0] == 201
        wait_for("one connected coreapp", lambda: len(running.connected()) == 1, 20)
        yield running


def documented_failure(response: Any) -> None:
    """An answer of 5xx has a code of the table, with the status that the table gives it."""
    if response.status_code < 500:
        return
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    error = response.json()["errors"][0]
    assert table[str(error["code"])]["status"] == response.status_code, error


def authorization(cluster: Cluster, operation: str) -> str:
    """What opens an operation; logging out needs a token of its own."""
    if operation == "login":  # what is sent may change the password
        return basic(GUEST, PASSWORD)
    if operation == "logout":
        body = cluster.call("POST", "/v1/users/login", auth=basic("admin", PASSWORD))[1]
        return "Bearer " + body["users"][0]["token"]
    return cluster.token


@cache
def api() -> Any:
    """The description, read once."""
    return schemathesis.openapi.from_path(DESCRIPTION)


@cache
def address(container: str) -> str:
    """A webapp's address on this machine."""
    return "https://127.0.0.1:" + docker("port", container, "443").rpartition(":")[2]


@pytest.mark.docker
def test_who_may_what(cluster: Cluster) -> None:
    """Nothing but the root page without credentials; most of the rest is the administrator's; the key opens little."""
    body = cluster.call("POST", "/v1/users/login", auth=basic(GUEST, PASSWORD))[1]
    guest = "Bearer " + body["users"][0]["token"]
    for (method, path), operation in described().items():
        name = operation["operationId"]
        target = re.sub(r"{\w+}", "12345678", path)
        if name == "root":
            continue
        assert cluster.call(method, target)[0] == 401, name
        opened_by_key = cluster.call(method, target, auth=f"Apikey {API_KEY}")[0] != 401
        assert opened_by_key == (name in BY_KEY), name
        if name not in {*EVERYBODY, *BY_KEY, "login", "logout", "changeUser"}:
            status, answer = cluster.call(method, target, {}, guest)
            assert (status, answer["errors"][0]["code"]) == (403, 1005), name


@pytest.mark.docker
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize(("method", "path"), sorted(described()), ids=lambda part: re.sub(r"\W+", "-", part))
def test_answers(cluster: Cluster, method: str, path: str) -> None:
    """Whatever is sent, the answer's status, content type and body are described."""
    base = address(cluster.container("web1"))
    operation = api()[path][method]
    name = operation.definition.raw["operationId"]
    checks = [
        schemathesis.checks.CHECKS.get_one(check)
        for check in ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
    ]

    takes = operation.definition.raw.get("requestBody") or operation.definition.raw.get("parameters")

    @tried(operation, EXAMPLES, bool(takes))
    def attempt(case: Any) -> None:
        headers = {"Authorization": authorization(cluster, name)}
        response = case.call(base_url=base, headers=headers, verify=False, timeout=30)
        case.validate_response(response, checks=checks)
        documented_failure(response)

    attempt()


load_all_checks()
