# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""registration against a scripted webapp."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

CERTIFICATE = "QSBjZXJ0aWZpY2F0ZQ=="
NUMBER: dict[str, Any] = {"cc": "49", "phone_number": "15112345678", "token": "a.b.c"}


def health(status: str | None) -> Step:
    """Return a health request; the primary master has the status."""
    master = {"role": "primary_master", "gateway_status": status} if status else {"errors": [{"code": 1011}]}
    return Step("GET", "/v1/health", answer={"health": {"app1:0123456789ab": master}})


def test_asks_for_a_code(run_module: RunModule, webapp: ScriptedServer) -> None:
    payload = {"cc": "49", "phone_number": "15112345678", "method": "sms", "cert": CERTIFICATE, "pin": "135790"}
    answer = {"account": [{"vname": "Example Shop"}], "meta": {}}
    webapp.expect(health("unregistered"), Step("POST", "/v1/account", 202, answer, payload))
    result = run_module("registration", diff=True, cert=CERTIFICATE, pin="135790", **NUMBER)
    assert (result["changed"], result["registered"], result["code_sent"]) == (True, False, True)
    assert result["vname"] == "Example Shop"
    assert "135790" not in str(result)
    assert CERTIFICATE not in str(result)


def test_201_means_that_no_code_is_needed(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health("unregistered"), Step("POST", "/v1/account", 201))
    result = run_module("registration", cert=CERTIFICATE, **NUMBER)
    assert (result["changed"], result["registered"], result["code_sent"]) == (True, True, False)


def test_verifies_and_waits_for_the_health(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(
        health("unregistered"),
        Step("POST", "/v1/account/verify", 201, {"meta": {}}, {"code": "123-456"}),
        health("unregistered"),
        health(None),
        health("disconnected"),
    )
    result = run_module("registration", code="123-456", wait_interval=0.01, wait_timeout=20, **NUMBER)
    assert (result["changed"], result["registered"], result["code_sent"]) == (True, True, False)
    assert "123-456" not in str(result)


def test_tells_when_the_health_does_not_follow(run_module: RunModule, webapp: ScriptedServer) -> None:
    verify = Step("POST", "/v1/account/verify", 201)
    webapp.expect(health("unregistered"), verify, health("unregistered"))
    result = run_module("registration", code="123456", wait_interval=0.01, wait_timeout=0.001, **NUMBER)
    assert result["failed"]
    assert result["changed"]
    assert "The code was accepted" in result["msg"]


@pytest.mark.parametrize("arguments", [{"cert": CERTIFICATE}, {"code": "123456"}])
def test_leaves_a_registered_cluster_alone(
    run_module: RunModule, webapp: ScriptedServer, arguments: dict[str, Any]
) -> None:
    webapp.expect(health("connected"))
    result = run_module("registration", **arguments, **NUMBER)
    assert (result["changed"], result["registered"], result["code_sent"]) == (False, True, False)


def test_force_registers_again(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health("connected"), Step("POST", "/v1/account", 202))
    assert run_module("registration", cert=CERTIFICATE, force=True, **NUMBER)["code_sent"]


def test_does_not_guess_while_the_cluster_starts(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health(None))
    result = run_module("registration", cert=CERTIFICATE, **NUMBER)
    assert result["failed"]
    assert "does not report whether" in result["msg"]


@pytest.mark.parametrize("arguments", [{"cert": CERTIFICATE}, {"code": "123456"}])
def test_check_mode_predicts(run_module: RunModule, webapp: ScriptedServer, arguments: dict[str, Any]) -> None:
    webapp.expect(health("unregistered"))
    result = run_module("registration", check=True, diff=True, **arguments, **NUMBER)
    assert result["changed"]
    assert result["registered"] is ("code" in arguments)
    assert result["diff"]["before"] != result["diff"]["after"]


def test_explains_the_waiting_time(run_module: RunModule, webapp: ScriptedServer) -> None:
    details = "Please wait 1 hour(s) 5 minute(s) before trying again"
    webapp.expect(health("unregistered"), error(403, "POST", "/v1/account", 1005, details))
    result = run_module("registration", cert=CERTIFICATE, retries=3, **NUMBER)
    assert result["failed"]
    assert result["error"]["retry_after_seconds"] == 3900
    assert "Wait that long" in result["msg"]


def test_explains_the_end_of_registrations(run_module: RunModule, webapp: ScriptedServer) -> None:
    details = "Unknown error: biz_link_on_prem_reg_blocked"
    webapp.expect(health("unregistered"), error(403, "POST", "/v1/account", 1005, details))
    result = run_module("registration", cert=CERTIFICATE, **NUMBER)
    assert "May 2024" in result["error"]["remedy"]


def test_a_wrong_code_is_not_tried_twice(run_module: RunModule, webapp: ScriptedServer) -> None:
    details = "Registration failed for reason 'biz_link_info_invalid_payload'"
    webapp.expect(health("unregistered"), error(403, "POST", "/v1/account/verify", 1005, details))
    result = run_module("registration", code="123456", retries=3, **NUMBER)
    assert "request a new code" in result["error"]["remedy"]


@pytest.mark.parametrize("details", ["Please wait 2 hours", ""])
@pytest.mark.parametrize(
    ("path", "arguments", "words"),
    [
        ("/v1/account", {"cert": CERTIFICATE}, "If a code came to the phone before"),
        ("/v1/account/verify", {"code": "864-208"}, "Try the same code then"),
    ],
)
def test_too_many_requests_end_with_advice(
    run_module: RunModule,
    webapp: ScriptedServer,
    second_webapp: ScriptedServer,
    path: str,
    arguments: dict[str, str],
    words: str,
    details: str,
) -> None:
    webapp.expect(health("unregistered"), error(429, "POST", path, 1015, details))
    endpoints = [webapp.address, second_webapp.address]
    result = run_module("registration", endpoints=endpoints, retries=4, **arguments, **NUMBER)
    assert result["failed"]
    for part in ("was not sent again", "that long (7200 s)" if details else "Wait some hours", words):
        assert part in result["msg"]
        assert part in result["error"]["remedy"]
    assert result["error"]["retry_after_seconds"] == (7200 if details else None)
    assert "outcome" not in result["error"]
    assert second_webapp.seen == []


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize(
    ("path", "arguments"),
    [("/v1/account", {"cert": CERTIFICATE}), ("/v1/account/verify", {"code": "864-208"})],
)
def test_success_that_holds_an_error_is_none(
    run_module: RunModule, webapp: ScriptedServer, path: str, arguments: dict[str, str], status: int
) -> None:
    webapp.expect(health("unregistered"), error(status, "POST", path, 1005, "Please wait 1 hour(s)"))
    result = run_module("registration", retries=4, **arguments, **NUMBER)
    assert result["failed"]
    assert "code_sent" not in result
    assert "was accepted" not in result["msg"]
    assert (result["error"]["code"], result["error"]["retry_after_seconds"]) == (1005, 3600)


def test_a_lost_answer_is_not_asked_for_again(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health("unregistered"), Step("POST", "/v1/account", drop=True))
    result = run_module("registration", cert=CERTIFICATE, retries=3, **NUMBER)
    assert result["failed"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("cc", "+49"),
        ("phone_number", "0151 123"),
        ("pin", "12345"),
        ("code", "12-3456"),
        ("code", "\uff11\uff12\uff13\uff14\uff15\uff16"),
    ],
)
def test_refuses_a_wrong_form_without_repeating_it(run_module: RunModule, option: str, value: str) -> None:
    result = run_module("registration", **{"cert": CERTIFICATE, **NUMBER, option: value})
    assert result["failed"]
    assert f"{option} has the wrong form" in result["msg"]
    if option in ("pin", "code"):
        assert value not in str(result)


def test_a_code_of_blanks_leaves_the_message_readable(run_module: RunModule) -> None:
    """As of a command that prints nothing: each blank of the message was taken for a part of the secret."""
    assert "code has the wrong form. It must be 6 digits" in run_module("registration", code=" ", **NUMBER)["msg"]


def test_asking_for_a_code_needs_the_certificate(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health("unregistered"))
    assert "cert is missing" in run_module("registration", **NUMBER)["msg"]
