"""A second description of the API, written from the documents and not from the stand-in: no request ends in a 5xx."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from schemathesis.checks import load_all_checks

from tests.standin.cluster import PASSWORD, basic
from tests.standin.fuzzing import tried
from tests.standin.small_cluster import SmallCluster, small_cluster

DESCRIPTION = Path(__file__).parent / "second_openapi.yaml"
EXAMPLES = int(os.environ.get("STANDIN_TEST_EXAMPLES") or 5)
GUEST = "guest"
CHECKS = ("not_a_server_error", "content_type_conformance", "response_schema_conformance", "status_code_conformance")

load_all_checks()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    """A registered one."""
    with small_cluster(tmp_path_factory.mktemp("standin")) as running:
        running.register()
        assert running.call("POST", "/v1/users", {"username": GUEST, "password": PASSWORD}).status == 201
        yield running


@cache
def api() -> Any:
    """The description, read once."""
    return schemathesis.openapi.from_path(DESCRIPTION)


def operations() -> list[tuple[str, str]]:
    """Method and path of every operation."""
    paths = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))["paths"]
    return sorted((method.upper(), path) for path, item in paths.items() for method in item if method != "parameters")


def authorization(cluster: SmallCluster, operation: str) -> str:
    """What opens an operation; logging out needs a token of its own."""
    if operation == "login":  # what was sent before may have changed the password
        assert cluster.call("PUT", f"/v1/users/{GUEST}", {"password": PASSWORD}).status == 200
        return basic(GUEST, PASSWORD)
    if operation == "logout":
        body = cluster.call("POST", "/v1/users/login", auth=basic("admin", PASSWORD)).body
        return "Bearer " + str(body["users"][0]["token"])
    return cluster.token


def name_is_taken(response: Any) -> bool:
    """The one 500 that the documents have."""
    return response.status_code == 500 and "Already exist" in response.json()["errors"][0]["details"]


def facts_of_one(content: bytes) -> bytes:
    """The fixture has the node of a single instance below a multiconnect Webapp, for which no shape is documented."""
    body = json.loads(content)
    (facts,) = body["support"].values()
    assert not facts["multi_connect"]
    return json.dumps(body | {"support": facts}).encode()


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda part: part.strip("/").replace("/", "-"))
def test_no_server_error(cluster: SmallCluster, method: str, path: str) -> None:
    """Whatever is sent, right or wrong: the answer is a documented one."""
    operation = api()[path][method]
    raw = operation.definition.raw
    checks = [schemathesis.checks.CHECKS.get_one(check) for check in CHECKS]
    takes = raw.get("requestBody") or raw.get("parameters") or "{" in path

    @tried(operation, EXAMPLES, bool(takes))
    def attempt(case: Any) -> None:
        headers = {"Authorization": authorization(cluster, raw["operationId"])}
        response = case.call(base_url=cluster.address, headers=headers, verify=False, timeout=30)
        if raw["operationId"] == "support":
            response.content = facts_of_one(response.content)
        if not name_is_taken(response):
            case.validate_response(response, checks=checks)

    attempt()
