# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against scripted webapps: envelope, errors, repetition, fail-over."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils.client import Answer, Client, Request
from ansible_collections.wabiz.onprem.plugins.module_utils.connection import USER_AGENT, Connection, ConnectionOptions
from ansible_collections.wabiz.onprem.plugins.module_utils.errors import ApiError, ClientError, Unreachable
from ansible_collections.wabiz.onprem.plugins.module_utils.retry import RetryPolicy
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

GET = Request("GET", "/v1/health")
POST = Request("POST", "/v1/account", b"{}", "application/json")

Ask = Callable[..., Answer]


@pytest.fixture
def pauses() -> list[float]:
    """Return the pauses that a client makes, in their order."""
    return []


@pytest.fixture
def ask(webapp: ScriptedServer, tls_files: dict[str, str], pauses: list[float]) -> Ask:
    """Return a function that sends a request to one or more webapps."""

    def send(request: Request, *more: str, retries: int = 2, first: str | None = None, **options: Any) -> Answer:
        settings = ConnectionOptions(timeout=5, ca_path=tls_files["ca"], proxy="")
        connections = [Connection(address, settings) for address in (first or webapp.address, *more)]
        client = Client(connections, RetryPolicy(retries=retries, delay=4), pauses.append)
        try:
            return client.ask(request, "Bearer a.b.c", **options)
        finally:
            client.close()

    return send


def nobody() -> str:
    """Return an address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"https://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b" \n", b'{"meta":{}}'])
def test_an_empty_answer_is_an_answer(ask: Ask, webapp: ScriptedServer, body: bytes) -> None:
    webapp.expect(Step("GET", "/v1/health", raw_answer=body))
    answer = ask(GET)
    assert answer.data in ({}, {"meta": {}})
    assert (answer.version, answer.host) == (None, webapp.address)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("v2.33.4", "2.33.4"), ("2.33.4", "2.33.4"), ("2.45", "2.45.0"), ("soon", None), (7, None), (None, None)],
)
def test_the_version_is_read_with_and_without_v(
    ask: Ask, webapp: ScriptedServer, version: Any, expected: str | None
) -> None:
    webapp.expect(Step("GET", "/v1/health", answer={"meta": {"version": version}}))
    assert ask(GET).version == expected


@pytest.mark.parametrize("status", [200, 201, 202])
def test_all_successful_statuses_are_accepted(ask: Ask, webapp: ScriptedServer, status: int) -> None:
    webapp.expect(Step("GET", "/v1/health", status))
    assert ask(GET).status == status


@pytest.mark.parametrize("body", [b"<html>a proxy</html>", b"[1]", b"\xff\xfe", b'"text"'])
def test_an_answer_of_something_else_is_an_error(ask: Ask, webapp: ScriptedServer, body: bytes) -> None:
    webapp.expect(Step("GET", "/v1/health", raw_answer=body))
    with pytest.raises(ClientError, match="not a JSON object"):
        ask(GET)


def test_text_is_returned_as_it_comes(ask: Ask, webapp: ScriptedServer) -> None:
    webapp.expect(Step("GET", "/pem", raw_answer=b"-----BEGIN", content_type="text/plain", headers={"Accept": "*/*"}))
    answer = ask(Request("GET", "/pem", json_expected=False))
    assert (answer.text, answer.data) == ("-----BEGIN", {})


def test_headers_name_the_collection_and_the_user(ask: Ask, webapp: ScriptedServer) -> None:
    expected = {
        "Authorization": "Bearer a.b.c",
        "User-Agent": USER_AGENT,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    webapp.expect(Step("POST", "/v1/account", headers=expected))
    ask(POST)
    assert USER_AGENT.startswith("wabiz.onprem/")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 422])
@pytest.mark.parametrize("code", [None, 1000, 1004, 1005, 1006, 1008, 1009, 1010, 1013, 1014, 1022, 1023, 1024, 1025])
def test_other_4xx_is_never_repeated(
    ask: Ask, webapp: ScriptedServer, pauses: list[float], status: int, code: int | None
) -> None:
    webapp.expect(error(status, "GET", "/v1/health", code, "why"))
    with pytest.raises(ApiError) as caught:
        ask(GET)
    assert (caught.value.status, caught.value.code, pauses) == (status, code, [])
    assert caught.value.as_dict()["endpoint"] == "GET /v1/health"
    assert caught.value.as_dict()["host"] == webapp.address


@pytest.mark.parametrize("code", [1011, 1015, 1016, 1017, 1018])
@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_the_five_codes_are_repeated_whatever_the_status(
    ask: Ask, webapp: ScriptedServer, pauses: list[float], status: int, code: int
) -> None:
    webapp.expect(error(status, "POST", "/v1/account", code), Step("POST", "/v1/account", 202))
    assert ask(POST).status == 202
    assert len(pauses) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(500, None), (500, 1014), (502, None), (503, None), (504, 1023), (429, None)]
)
def test_5xx_and_429_are_repeated(
    ask: Ask, webapp: ScriptedServer, pauses: list[float], status: int, code: int | None
) -> None:
    webapp.expect(error(status, "GET", "/v1/health", code), Step("GET", "/v1/health"))
    ask(GET)
    assert len(pauses) == 1


def test_repetition_ends_with_the_last_error_and_longer_pauses(
    ask: Ask, webapp: ScriptedServer, pauses: list[float]
) -> None:
    webapp.expect(*[error(503, "GET", "/v1/health", code) for code in (1011, 1016, 1018)])
    with pytest.raises(ApiError) as caught:
        ask(GET)
    assert caught.value.code == 1018
    assert len(pauses) == 2
    assert 2 <= pauses[0] <= 4 <= pauses[1] <= 8


def test_impatience_makes_one_round_only(ask: Ask, webapp: ScriptedServer, pauses: list[float]) -> None:
    webapp.expect(error(503, "GET", "/v1/health", 1011))
    with pytest.raises(ApiError):
        ask(GET, patient=False)
    assert pauses == []


def test_an_answer_may_be_declared_final(ask: Ask, webapp: ScriptedServer) -> None:
    webapp.expect(error(500, "POST", "/v1/users", 1014))
    with pytest.raises(ApiError):
        ask(Request("POST", "/v1/users", b"{}", final=[(500, 1014)]))


def test_a_redirection_is_an_error(ask: Ask, webapp: ScriptedServer) -> None:
    webapp.expect(Step("GET", "/v1/health", 302))
    with pytest.raises(ApiError, match="does not redirect"):
        ask(GET)


def test_an_error_without_json_is_an_error_all_the_same(ask: Ask, webapp: ScriptedServer) -> None:
    webapp.expect(Step("GET", "/v1/health", 403, raw_answer=b"<html>"))
    with pytest.raises(ApiError) as caught:
        ask(GET)
    assert caught.value.items == []


def test_several_errors_are_all_named(ask: Ask, webapp: ScriptedServer) -> None:
    errors = [{"code": 1008, "title": "One", "details": "cc"}, {"code": 1009, "title": "Two", "details": "cert"}]
    webapp.expect(Step("GET", "/v1/health", 400, {"errors": errors}))
    with pytest.raises(ApiError, match="1008 One: cc; 1009 Two: cert"):
        ask(GET)


def test_an_unreachable_webapp_is_passed_over(
    ask: Ask, webapp: ScriptedServer, second_webapp: ScriptedServer, pauses: list[float]
) -> None:
    second_webapp.expect(Step("GET", "/v1/health"))
    assert ask(GET, second_webapp.address, first=nobody()).host == second_webapp.address
    assert (webapp.seen, pauses) == ([], [])


def test_a_webapp_in_trouble_is_passed_over(
    ask: Ask, webapp: ScriptedServer, second_webapp: ScriptedServer, pauses: list[float]
) -> None:
    webapp.expect(error(500, "GET", "/v1/health", 1023))
    second_webapp.expect(Step("GET", "/v1/health"))
    assert ask(GET, second_webapp.address).host == second_webapp.address
    assert pauses == []


def test_a_cluster_that_is_not_ready_is_not_asked_through_another_webapp(
    ask: Ask, webapp: ScriptedServer, second_webapp: ScriptedServer, pauses: list[float]
) -> None:
    webapp.expect(error(503, "GET", "/v1/health", 1017), Step("GET", "/v1/health"))
    assert ask(GET, second_webapp.address).host == webapp.address
    assert (second_webapp.seen, len(pauses)) == ([], 1)


def test_a_refusal_is_not_asked_of_another_webapp(
    ask: Ask, webapp: ScriptedServer, second_webapp: ScriptedServer
) -> None:
    webapp.expect(error(403, "GET", "/v1/health", 1005))
    with pytest.raises(ApiError):
        ask(GET, second_webapp.address)
    assert second_webapp.seen == []


def test_the_webapp_that_answered_is_asked_first_next_time(
    webapp: ScriptedServer, second_webapp: ScriptedServer, tls_files: dict[str, str]
) -> None:
    settings = ConnectionOptions(timeout=5, ca_path=tls_files["ca"], proxy="")
    client = Client([Connection(item.address, settings) for item in (webapp, second_webapp)], RetryPolicy())
    webapp.expect(error(500, "GET", "/v1/health"))
    second_webapp.expect(Step("GET", "/v1/health"), Step("GET", "/v1/health"))
    assert [client.ask(GET).host, client.ask(GET).host] == [second_webapp.address] * 2
    client.close()


def test_all_rounds_ask_all_webapps(
    ask: Ask, webapp: ScriptedServer, second_webapp: ScriptedServer, pauses: list[float]
) -> None:
    webapp.expect(*[error(500, "GET", "/v1/health")] * 3)
    second_webapp.expect(*[error(502, "GET", "/v1/health")] * 3)
    with pytest.raises(ApiError) as caught:
        ask(GET, second_webapp.address)
    assert (caught.value.status, len(pauses)) == (502, 2)


def test_nobody_at_all(ask: Ask, pauses: list[float]) -> None:
    with pytest.raises(Unreachable) as caught:
        ask(POST, first=nobody())
    assert not caught.value.sent
    assert len(pauses) == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_lost_answer_is_asked_for_again_where_that_does_no_harm(
    ask: Ask, webapp: ScriptedServer, method: str
) -> None:
    webapp.expect(Step(method, "/x", drop=True), Step(method, "/x"))
    assert ask(Request(method, "/x")).status == 200


def test_a_lost_answer_to_a_post_is_not_asked_for_again(
    ask: Ask, webapp: ScriptedServer, second_webapp: ScriptedServer, pauses: list[float]
) -> None:
    webapp.expect(Step("POST", "/v1/account", drop=True))
    with pytest.raises(Unreachable) as caught:
        ask(POST, second_webapp.address)
    assert caught.value.sent
    assert (pauses, second_webapp.seen) == ([], [])


def test_unless_the_post_may_be_repeated(ask: Ask, webapp: ScriptedServer) -> None:
    webapp.expect(Step("POST", "/x", drop=True), Step("POST", "/x"))
    assert ask(Request("POST", "/x", repeatable=True)).status == 200
