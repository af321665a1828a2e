# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against scripted webapps: envelope, errors, repetition, fail-over."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._api.client import Answer, Client, Request
from ansible_collections.wabiz.onprem.plugins.module_utils._api.connection import (
    USER_AGENT,
    Connection,
    ConnectionOptions,
    Response,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import (
    ApiError,
    ClientError,
    OutcomeUnknown,
    Throttled,
    Unreachable,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._api.retry import RetryPolicy
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.excerpt import MAXIMUM_QUOTE
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error
from hypothesis import given
from hypothesis import strategies as st

GET = Request("GET", "/v1/health")
POST = Request("POST", "/v1/account", b"{}", "application/json")
CREATE = Request("POST", "/v1/users", b"{}", "application/json")
ONCE = ["/v1/account", "/v1/account/verify", "/v1/account/shards", "/v1/settings/restore", "/v1/users"]
TWO_STEP = [
    Request("POST", "/v1/settings/account/two-step", b"{}", repeatable=True),
    Request("DELETE", "/v1/settings/account/two-step"),
]
NOT_NOW = {1011, 1015, 1016, 1017, 1018}

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


def unused_address() -> str:
    """Return an address where nothing listens."""
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
    webapp.expect(error(status, "POST", "/v1/users", code), Step("POST", "/v1/users", 201))
    assert ask(CREATE).status == 201
    assert len(pauses) == 1


@pytest.mark.parametrize("code", [1011, 1016, 1017, 1018])
@pytest.mark.parametrize("path", ONCE)
def test_a_request_that_the_client_did_not_take_is_made_again(
    ask: Ask, webapp: ScriptedServer, path: str, code: int
) -> None:
    webapp.expect(error(503, "POST", path, code), Step("POST", path, 201))
    assert ask(Request("POST", path, b"{}")).status == 201


COUNTED = [*[Request("POST", path, b"{}") for path in ONCE[:4]], *TWO_STEP]


@pytest.mark.parametrize(
    ("status", "code"), [(429, None), (429, 1015), (503, 1015), (400, 1015), (200, 1015), (429, 1017)]
)
@pytest.mark.parametrize("request_", COUNTED, ids=lambda request: f"{request.endpoint} {request.repeatable}")
def test_too_many_account_requests_do_not_become_more(
    ask: Ask,
    webapp: ScriptedServer,
    second_webapp: ScriptedServer,
    pauses: list[float],
    request_: Request,
    status: int,
    code: int | None,
) -> None:
    webapp.expect(error(status, request_.method, request_.path, code, "Please wait 2 hours"))
    with pytest.raises(Throttled, match="extend the waiting time") as caught:
        ask(request_, second_webapp.address, retries=4)
    assert caught.value.as_dict()["retry_after_seconds"] == (None if code is None else 7200)
    assert (second_webapp.seen, pauses) == ([], [])


@pytest.mark.parametrize("request_", TWO_STEP, ids=lambda request: request.endpoint)
def test_they_end_with_the_first_such_answer(
    ask: Ask, webapp: ScriptedServer, second_webapp: ScriptedServer, pauses: list[float], request_: Request
) -> None:
    method, path = request_.method, request_.path
    webapp.expect(error(500, method, path), error(503, method, path, 1011), error(429, method, path))
    second_webapp.expect(error(502, method, path))
    with pytest.raises(Throttled):
        ask(request_, second_webapp.address, retries=4)
    assert len(pauses) == 2


@pytest.mark.parametrize("codes", [[1000, 1015], [1015, 1000]])
def test_too_many_among_other_errors_is_enough(
    ask: Ask, webapp: ScriptedServer, second_webapp: ScriptedServer, pauses: list[float], codes: list[int]
) -> None:
    answer = {"errors": [{"code": code} for code in codes]}
    webapp.expect(*[Step(item.method, item.path, 500, answer) for item in (TWO_STEP[0], POST)])
    with pytest.raises(Throttled):
        ask(TWO_STEP[0], second_webapp.address, retries=4)
    with pytest.raises(OutcomeUnknown) as caught:
        ask(POST, second_webapp.address, retries=4)
    assert isinstance(caught.value.cause, Throttled)
    assert (second_webapp.seen, pauses) == ([], [])


MIXED: list[list[Any]] = [[1011, 1000], [1000, 1011], [1017, 1011, 1014], [1011, None], [1011, "text"], [1011] * 25]


@pytest.mark.parametrize("codes", MIXED, ids=str)
@pytest.mark.parametrize("path", ONCE)
@pytest.mark.parametrize("status", [200, 403, 500, 503])
def test_one_other_error_is_enough_not_to_send_it_again(
    ask: Ask,
    webapp: ScriptedServer,
    second_webapp: ScriptedServer,
    pauses: list[float],
    path: str,
    codes: list[Any],
    status: int,
) -> None:
    errors = [code if isinstance(code, str) else {"code": code} for code in codes]
    webapp.expect(Step("POST", path, status, {"errors": errors}))
    with pytest.raises(ApiError if status == 403 else OutcomeUnknown):
        ask(Request("POST", path, b"{}"), second_webapp.address, retries=4)
    assert (second_webapp.seen, pauses) == ([], [])


def test_several_errors_of_a_cluster_that_is_not_ready_are_waited_for(
    ask: Ask, webapp: ScriptedServer, pauses: list[float]
) -> None:
    webapp.expect(Step("POST", "/v1/users", 500, {"errors": [{"code": 1011}, {"code": 1017}]}))
    webapp.expect(Step("POST", "/v1/users", 201))
    assert ask(CREATE).status == 201
    assert len(pauses) == 1


@pytest.mark.parametrize("rest", [{}, {"account": None}, {"account": []}, {"account": [{"vname": ""}]}], ids=str)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_success_with_errors_and_nothing_else_is_an_error(
    ask: Ask, webapp: ScriptedServer, status: int, rest: dict[str, Any]
) -> None:
    errors = [{"code": 1005, "title": "Access denied", "details": "Please wait 5 minutes"}]
    answer = {"meta": {"version": "2.57.2"}, "errors": errors, **rest}
    webapp.expect(Step("POST", "/v1/account", status, answer), Step("GET", "/v1/health", status, answer))
    for request in (POST, GET):
        with pytest.raises(ApiError, match=f"HTTP {status}, 1005 Access denied") as caught:
            ask(request)
        assert (caught.value.code, caught.value.as_dict()["retry_after_seconds"]) == (1005, 300)


@pytest.mark.parametrize("errors", [["text"], [{}], [None], {"code": 1014}, "text", [{"code": 1014}], True], ids=str)
def test_where_they_do_not_refuse_the_request_it_may_have_been_carried_out(
    ask: Ask, webapp: ScriptedServer, errors: Any
) -> None:
    webapp.expect(Step("POST", "/v1/account", 200, {"errors": errors}))
    with pytest.raises(OutcomeUnknown):
        ask(POST)


@pytest.mark.parametrize(
    "answer",
    [
        {"errors": []},
        {"errors": None},
        {"errors": [{"code": 1014}], "contacts": [{"input": "x", "status": "invalid"}]},
        {"errors": [{"code": 1014}], "account": {"shards": 0}},
        {"health": {"core1:0123456789ab": {"errors": [{"code": 1011}]}}},
        {"services": {"message": {"gc": {"core1:0123456789ab": {"errors": [{"code": 1014}]}}}}},
    ],
    ids=str,
)
def test_errors_next_to_a_result_or_within_are_left_to_the_module(
    ask: Ask, webapp: ScriptedServer, answer: dict[str, Any]
) -> None:
    webapp.expect(Step("GET", "/v1/health", 200, answer))
    assert ask(GET).data == answer


def test_a_number_may_be_read_again_after_too_many_requests(ask: Ask, webapp: ScriptedServer) -> None:
    webapp.expect(error(429, "GET", "/v1/account/shards", 1015), Step("GET", "/v1/account/shards"))
    ask(Request("GET", "/v1/account/shards"))


@pytest.mark.parametrize(
    "lost",
    [
        {"status": 504},
        {"status": 502, "raw_answer": b"<html>Bad Gateway</html>"},
        {"status": 503},
        {"status": 500},
        {"status": 500, "answer": {"errors": [{"code": 1014, "title": "Internal error"}]}},
        {"status": 503, "answer": {"errors": [{"code": 1023, "title": "Database error occurred"}]}},
        {"status": 201, "raw_answer": b'{"meta": {"ver'},
        {"drop": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ONCE)
def test_what_may_have_been_done_is_not_asked_for_again_nor_of_another_webapp(
    ask: Ask, webapp: ScriptedServer, second_webapp: ScriptedServer, pauses: list[float], path: str, lost: Any
) -> None:
    webapp.expect(Step("POST", path, **lost))
    with pytest.raises(OutcomeUnknown) as caught:
        ask(Request("POST", path, b"{}"), second_webapp.address, retries=8)
    assert webapp.calls() == [f"POST {path}"]
    assert (second_webapp.seen, pauses) == ([], [])
    for part in (f"POST {path}", webapp.address, "it is unknown whether"):
        assert part in str(caught.value)
    assert not caught.value.temporary


class Counted:
    """A connection that counts what is sent, and always answers the same."""

    address = "https://web"

    def __init__(self, status: int, code: int | None) -> None:
        self.sent = 0
        body = b"" if code is None else json.dumps({"errors": [{"code": code}]}).encode()
        self._response = Response(status, {}, body)

    def send(self, *_positional: Any, **_named: Any) -> Response:
        """Count."""
        self.sent += 1
        return self._response


@given(
    st.integers(300, 999),
    st.none() | st.integers(0, 2100) | st.sampled_from(sorted(NOT_NOW)),
    st.sampled_from(ONCE),
    st.integers(0, 8),
)
def test_only_a_safe_answer_leads_to_a_second_request(status: int, code: int | None, path: str, retries: int) -> None:
    first, second = Counted(status, code), Counted(status, code)
    client = Client([first, second], RetryPolicy(retries), lambda _seconds: None)  # type: ignore[list-item]
    with pytest.raises(ClientError):
        client.ask(Request("POST", path, b"{}"))
    counted = path != "/v1/users"
    safe = code in NOT_NOW or status == 429
    if not safe or (counted and (code == 1015 or status == 429)):
        assert (first.sent, second.sent) == (1, 0)
    else:
        assert (first.sent, second.sent) == (retries + 1, 0)


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


ODD = {
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 200 + b"1" + b"}" * 200,
    "NaN": b'{"meta": {}, "health": NaN}',
    "infinite": b'{"health": 1e999}',
    "a large number": b'{"health": 1e300}',
    "a huge number": b'{"health": ' + b"9" * 20_000 + b"}",
    "not UTF-8": b"\xff\xfe\x00<",
    "long": b"<p>" + b"word " * 4_000,
    "long without a space": b"x" * 20_000,
    "half": b'{"users": [{"token": "Canary',
    "half with a mark": b'\xef\xbb\xbf{"users": [{"token": "Canary"}]}',
    "half behind a length": b'2f\r\n{"users": [{"token": "Canary"}]}',
    "a text": b'"Canary',
    "echo": b"<pre>Authorization: Bearer Canary.a.b\nbasic Q2FuYXJ5</pre>",
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
@pytest.mark.parametrize("status", [200, 403, 502])
def test_what_a_proxy_makes_up_is_an_orderly_and_short_error(
    ask: Ask, webapp: ScriptedServer, status: int, body: bytes
) -> None:
    webapp.expect(Step("GET", "/v1/health", status, raw_answer=body))
    with pytest.raises(ClientError) as caught:
        ask(GET, patient=False)
    assert webapp.address in str(caught.value)
    assert len(str(caught.value)) < MAXIMUM_QUOTE + 400
    assert "Canary" not in str(caught.value)
    assert "Q2FuYXJ5" not in str(caught.value)
    assert str(caught.value).isprintable()
    if status != 200:
        assert f"HTTP {status}" in str(caught.value)


def test_the_start_of_a_foreign_answer_is_quoted(ask: Ask, webapp: ScriptedServer) -> None:
    page = b"<html>\n<h1>504 Gateway Time-out</h1>\r\n</html>"
    webapp.expect(Step("GET", "/v1/health", 504, raw_answer=page))
    with pytest.raises(ApiError, match="begins with: <html> <h1>504 Gateway Time-out</h1> </html>"):
        ask(GET, patient=False)


@pytest.mark.parametrize("long", ["x" * 20_000, "word " * 4_000])
def test_a_long_error_text_is_shortened(ask: Ask, webapp: ScriptedServer, long: str) -> None:
    errors = [{"code": 1009, "title": long, "details": long}] * 50
    webapp.expect(Step("GET", "/v1/health", 400, {"errors": errors}))
    with pytest.raises(ApiError) as caught:
        ask(GET)
    assert len(str(caught.value)) < MAXIMUM_QUOTE + 300
    assert len(json.dumps(caught.value.as_dict())) < 4 * MAXIMUM_QUOTE
    assert caught.value.code == 1009


def test_half_a_surrogate_pair_can_be_printed(ask: Ask, webapp: ScriptedServer) -> None:
    webapp.expect(Step("GET", "/v1/health", raw_answer=b'{"health": {"core\\ud800:1": {"role": "\\udfff"}}}'))
    assert ask(GET).data == {"health": {"core?:1": {"role": "?"}}}


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
    assert ask(GET, second_webapp.address, first=unused_address()).host == second_webapp.address
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


def test_no_webapp_at_all(ask: Ask, pauses: list[float]) -> None:
    with pytest.raises(Unreachable) as caught:
        ask(POST, first=unused_address())
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
    with pytest.raises(OutcomeUnknown) as caught:
        ask(POST, second_webapp.address)
    assert isinstance(caught.value.cause, Unreachable)
    assert (pauses, second_webapp.seen) == ([], [])


def test_unless_the_post_may_be_repeated(ask: Ask, webapp: ScriptedServer) -> None:
    webapp.expect(Step("POST", "/x", drop=True), Step("POST", "/x"))
    assert ask(Request("POST", "/x", repeatable=True)).status == 200
