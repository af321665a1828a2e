# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that may have been carried out although the answer says nothing of it: sent once, then the state is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import health, shards
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule, context_with
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step

INTERNAL = {"errors": [{"code": 1014, "title": "Internal error", "details": "Is wacore:6252 running?"}]}
LOSSES: dict[str, dict[str, Any]] = {
    "504": {"status": 504},
    "504 page": {"status": 504, "raw_answer": b"<html><h1>504 Gateway Time-out</h1></html>"},
    "502": {"status": 502},
    "503 without the client's code": {"status": 503},
    "500 with 1014": {"status": 500, "answer": INTERNAL},
    "500": {"status": 500},
    "half an answer": {"status": 201, "raw_answer": b'{"meta": '},
    "broken off": {"drop": True},
}
THROTTLED: dict[str, dict[str, Any]] = {
    "429": {"status": 429},
    "1015": {
        "status": 503,
        "answer": {"errors": [{"code": 1015, "title": "Too many", "details": "Please wait 2 hours"}]},
    },
}
NUMBER = {"cc": "49", "phone_number": "15112345678"}
CERTIFICATE = "Q2FuYXJ5IGNlcnQ="
SECRETS = (CERTIFICATE, "864-208", "b4ckup-Canary", "ENCRYPTED+CANARY")
UNREGISTERED = health(coreapps=3, registered=False)

Arguments = Callable[[Path], "dict[str, Any]"]


def stored(folder: Path) -> dict[str, Any]:
    """Write a backup and return the arguments of a restore."""
    path = folder / "backup.json"
    path.write_text(json.dumps({"data": "ENCRYPTED+CANARY", "shards": 1, "single_instance": False}))
    path.chmod(0o600)
    return {"path": str(path), "backup_password": "b4ckup-Canary"}


# Module, its arguments, the request, the state before, and after it was carried out.
CASES: dict[str, tuple[str, Arguments, str, list[Step], list[Step] | None]] = {
    "code": ("registration", lambda _: {**NUMBER, "cert": CERTIFICATE}, "/v1/account", [UNREGISTERED], None),
    "verify": (
        "registration",
        lambda _: {**NUMBER, "code": "864-208"},
        "/v1/account/verify",
        [UNREGISTERED],
        [health(1, 3)],
    ),
    "shards": (
        "shards",
        lambda _: {**NUMBER, "shards": 2, "cert": CERTIFICATE},
        "/v1/account/shards",
        [shards(1), health(1, 3)],
        [shards(2), health(2, 3)],
    ),
    "restore": ("settings_restore", stored, "/v1/settings/restore", [UNREGISTERED, shards(1)], [health(1, 3)]),
}
READABLE = [name for name, case in CASES.items() if case[4] is not None]


class Standing(ScriptedServer):
    """A webapp that answers each request as often as it comes, and with another state after a POST."""

    def __init__(self, context: Any) -> None:
        self.before: list[Step] = []
        self.after: list[Step] = []
        super().__init__(context)

    @property
    def posts(self) -> list[str]:
        """Return the paths of the POST requests that came."""
        return [seen.path for seen in self.seen if seen.method == "POST"]

    def play(self, handler: BaseHTTPRequestHandler, headers: dict[str, str], body: bytes) -> None:
        """Answer from what stands for the request."""
        for step in self.after if self.posts else self.before:
            if (step.method, step.path) == (handler.command, handler.path):
                self.steps.insert(0, replace(step))
                break
        super().play(handler, headers, body)


@pytest.fixture
def standing(tls_files: dict[str, str]) -> Iterator[Standing]:
    """Return the webapp."""
    server = Standing(context_with(tls_files["server"]))
    yield server
    server.stop()
    server.verify()


Run = Callable[..., "dict[str, Any]"]


@pytest.fixture
def run(standing: Standing, second_webapp: ScriptedServer, run_module: RunModule, tmp_path: Path) -> Run:
    """Return a function that runs a case; the second webapp stands by and must not be asked for the same."""

    def run_case(name: str, answer: dict[str, Any], *, done: bool, **extra: Any) -> dict[str, Any]:
        module, arguments, path, before, after = CASES[name]
        post = Step("POST", path, **answer)
        standing.before = [*before, post]
        standing.after = [*(after or before if done else before), post]
        given = {"token": "a.b.c", "retries": 8, "wait_interval": 0.01, "wait_timeout": 0.1, **arguments(tmp_path)}
        endpoints = [standing.address, second_webapp.address]
        result = run_module(module, **{**given, "endpoints": endpoints, **extra})
        assert standing.posts == [path]
        assert second_webapp.seen == []
        assert not [secret for secret in SECRETS if secret in str(result)]
        return result

    return run_case


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", CASES)
def test_sent_once_and_reported_where_the_state_does_not_show_it(
    run: Run, standing: Standing, name: str, loss: str
) -> None:
    result = run(name, LOSSES[loss], done=False)
    assert result["failed"]
    path = CASES[name][2]
    for words in (f"POST {path}", standing.address, "it is unknown whether", "was not sent again"):
        assert words in result["msg"]
    assert re.search(r"[Cc]heck (the phone|the health|wabiz\.onprem\.shards_info)", result["msg"])
    assert (result["error"]["outcome"], result["error"]["endpoint"]) == ("unknown", f"POST {path}")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", READABLE)
def test_sent_once_and_good_where_the_state_shows_it(run: Run, name: str, loss: str) -> None:
    result = run(name, LOSSES[loss], done=True)
    assert not result.get("failed"), result["msg"]
    assert result["changed"]
    assert "It was not sent again" in str(result["warnings"])


@pytest.mark.parametrize("loss", THROTTLED)
@pytest.mark.parametrize("name", CASES)
def test_too_many_requests_do_not_become_more(run: Run, name: str, loss: str) -> None:
    result = run(name, THROTTLED[loss], done=False)
    assert result["failed"]
    assert "extend the waiting time" in result["msg"]
    assert result["error"]["retry_after_seconds"] == (7200 if loss == "1015" else None)


@pytest.mark.parametrize("name", READABLE)
def test_without_time_to_wait_the_state_is_read_once(run: Run, name: str) -> None:
    result = run(name, LOSSES["504"], done=False, wait_timeout=0)
    assert "Read after 0 s" in result["msg"]


def test_the_state_is_read_until_the_client_is_done(run_module: RunModule, webapp: ScriptedServer) -> None:
    lost = Step("POST", "/v1/account/shards", 504)
    busy = Step("GET", "/v1/account/shards", 503, {"errors": [{"code": 1011}]})
    webapp.expect(shards(1), health(1, 3), lost, shards(1), busy, shards(2), health(2, 3))
    arguments = {**CASES["shards"][1](Path()), "wait_interval": 0.01, "wait_timeout": 20}
    assert run_module("shards", token="a.b.c", retries=8, **arguments)["changed"]


def test_a_state_that_cannot_be_read_back_is_named(run_module: RunModule, webapp: ScriptedServer) -> None:
    denied = Step("GET", "/v1/account/shards", 403, {"errors": [{"code": 1005}]})
    webapp.expect(shards(1), health(1, 3), Step("POST", "/v1/account/shards", 504), denied)
    result = run_module("shards", token="a.b.c", retries=8, **CASES["shards"][1](Path()))
    assert "The state cannot be read: GET /v1/account/shards" in result["msg"]
    assert (result["error"]["status"], result["error"]["endpoint"]) == (504, "POST /v1/account/shards")


def test_the_last_attempt_at_shards_is_looked_up_too(run_module: RunModule, webapp: ScriptedServer) -> None:
    lost = Step("POST", "/v1/account/shards", drop=True)
    webapp.expect(shards(1), health(1, 3), lost, shards(2), health(2, 3))
    assert run_module("shards", token="a.b.c", attempts=1, **CASES["shards"][1](Path()))["changed"]


def test_a_number_that_was_registered_before_tells_nothing(run: Run, standing: Standing) -> None:
    CASES["again"] = (*CASES["verify"][:3], [health(1, 3)], None)
    try:
        result = run("again", LOSSES["504"], done=False, force=True)
    finally:
        del CASES["again"]
    assert "a number was registered before" in result["msg"]


def test_the_operator_is_sent_to_the_phone(run: Run) -> None:
    result = run("code", LOSSES["504"], done=False)
    for words in (
        "code may have been sent",
        "check the phone",
        "run the module with code",
        "do not ask again at once",
    ):
        assert words in result["msg"]
