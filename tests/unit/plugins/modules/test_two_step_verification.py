# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""two_step_verification against a scripted webapp."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import health
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

PATH = "/v1/settings/account/two-step"
PIN = "135790"


@pytest.mark.parametrize("answer", [None, {}, {"meta": {}}])
def test_sets_the_pin(run_module: RunModule, webapp: ScriptedServer, answer: Any) -> None:
    webapp.expect(health(), Step("POST", PATH, 200, answer, {"pin": PIN}))
    result = run_module("two_step_verification", diff=True, token="a.b.c", pin=PIN)
    assert (result["changed"], result["pin_set"], result["diff"]["after"]) == (True, True, {"pin": "set"})
    assert PIN not in str(result)


def test_null_is_an_answer_too(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health(), Step("DELETE", PATH, raw_answer=b"null"))
    result = run_module("two_step_verification", diff=True, token="a.b.c", state="absent")
    assert (result["changed"], result["pin_set"], result["diff"]["after"]) == (True, False, {"pin": "none"})


@pytest.mark.parametrize("arguments", [{"pin": PIN}, {"state": "absent"}])
def test_check_mode_sends_nothing(run_module: RunModule, webapp: ScriptedServer, arguments: dict[str, str]) -> None:
    webapp.expect(health())
    assert run_module("two_step_verification", check=True, token="a.b.c", **arguments)["changed"]


def test_needs_a_registered_number(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health(registered=False))
    assert "Register it first" in run_module("two_step_verification", token="a.b.c", pin=PIN)["msg"]


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345a"])
def test_refuses_another_form_without_repeating_it(run_module: RunModule, pin: str) -> None:
    result = run_module("two_step_verification", token="a.b.c", pin=pin)
    assert "6 digits" in result["msg"]
    assert pin not in str(result)


@pytest.mark.parametrize(("status", "code"), [(429, None), (429, 1015), (503, 1015), (200, 1015), (401, 1015)])
@pytest.mark.parametrize(("method", "arguments"), [("POST", {"pin": PIN}), ("DELETE", {"state": "absent"})])
def test_too_many_requests_do_not_become_more(
    run_module: RunModule,
    webapp: ScriptedServer,
    second_webapp: ScriptedServer,
    method: str,
    arguments: dict[str, str],
    status: int,
    code: int | None,
) -> None:
    logged_in = Step("POST", "/v1/users/login", answer={"users": [{"token": "a.b.c"}]})
    refusal = error(status, method, PATH, code, "Please wait 2 hours")
    webapp.expect(logged_in, health(), refusal, Step("POST", "/v1/users/logout"))
    endpoints = [webapp.address, second_webapp.address]
    login = {"username": "admin", "password": "Canary-Passw0rd"}
    result = run_module("two_step_verification", endpoints=endpoints, retries=4, **login, **arguments)
    assert result["failed"]
    assert "extend the waiting time" in result["msg"]
    assert ("Wait some hours" if code is None else "Wait that long (7200 s)") in result["msg"]
    assert (result["error"]["status"], result["error"]["code"]) == (status, code)
    assert second_webapp.seen == []


@pytest.mark.parametrize(("method", "arguments"), [("POST", {"pin": PIN}), ("DELETE", {"state": "absent"})])
def test_other_troubles_are_repeated(
    run_module: RunModule, webapp: ScriptedServer, method: str, arguments: dict[str, str]
) -> None:
    webapp.expect(health(), error(503, method, PATH, 1011), error(500, method, PATH), Step(method, PATH))
    assert run_module("two_step_verification", token="a.b.c", retries=4, **arguments)["changed"]


def test_success_that_holds_an_error_is_none(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health(), error(200, "POST", PATH, 1005, "PIN mismatch"))
    assert "1005 An error: PIN mismatch" in run_module("two_step_verification", token="a.b.c", pin=PIN)["msg"]


def test_setting_needs_a_pin(run_module: RunModule) -> None:
    assert run_module("two_step_verification", token="a.b.c")["failed"]
