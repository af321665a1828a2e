# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions against a scripted webapp, through the smallest module that needs one."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import health, shards
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

USER = {"username": "admin", "password": "Grüße-Passw0rd"}
BASIC = {"Authorization": "Basic " + base64.b64encode("admin:Grüße-Passw0rd".encode()).decode()}
KEY = "an-api-key-of-some-length"


def login(value: str = "t.o.k") -> Step:
    """Return a login."""
    return Step("POST", "/v1/users/login", answer={"users": [{"token": value}]}, headers=BASIC)


def logout(value: str = "t.o.k") -> Step:
    """Return a logout."""
    return Step("POST", "/v1/users/logout", headers={"Authorization": f"Bearer {value}"})


def with_header(step: Step, value: str) -> Step:
    """Return a step that insists on an Authorization header."""
    step.headers["Authorization"] = value
    return step


def test_one_login_per_run_undone_at_the_end(run_module: RunModule, webapp: ScriptedServer) -> None:
    bearer = "Bearer t.o.k"
    webapp.expect(login(), with_header(shards(2), bearer), with_header(health(2, 3), bearer))
    webapp.expect(with_header(health(2, 3), bearer), logout())
    result = run_module("shards", shards=2, cc="49", phone_number="15112345678", **USER)
    assert not result.get("failed"), result
    assert "t.o.k" not in str(result)


def test_the_login_is_undone_after_a_failure_too(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(login(), error(403, "GET", "/v1/account/shards", 1005), logout())
    assert run_module("shards_info", **USER)["failed"]


def test_a_failed_logout_does_no_harm(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(login(), shards(2), error(500, "POST", "/v1/users/logout"))
    assert run_module("shards_info", **USER)["shards"] == 2


def test_a_token_that_was_revoked_meanwhile_is_replaced_once(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(login("o.l.d"), error(401, "GET", "/v1/account/shards"), login("n.e.w"))
    webapp.expect(with_header(shards(2), "Bearer n.e.w"), logout("n.e.w"))
    assert run_module("shards_info", **USER)["shards"] == 2


def test_a_second_401_is_final(run_module: RunModule, webapp: ScriptedServer) -> None:
    refused = error(401, "GET", "/v1/account/shards")
    webapp.expect(login("o.l.d"), refused, login("n.e.w"), refused, logout("n.e.w"))
    assert run_module("shards_info", **USER)["error"]["status"] == 401


def test_a_given_token_is_used_and_left_alone(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(with_header(shards(2), "Bearer a.b.c"))
    assert run_module("shards_info", token="a.b.c", **USER)["shards"] == 2


def test_a_given_token_that_expired_is_explained(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(401, "GET", "/v1/account/shards"))
    assert "7 days" in run_module("shards_info", token="a.b.c")["error"]["remedy"]


def test_the_api_key_comes_first_where_it_suffices(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(with_header(health(), f"Apikey {KEY}"))
    assert not run_module("health_info", api_key=KEY, token="a.b.c", **USER).get("failed")


def test_the_api_key_does_not_open_everything(run_module: RunModule) -> None:
    result = run_module("shards_info", api_key=KEY)
    assert "needs a user and password or a token" in result["msg"]
    assert KEY not in str(result)


@pytest.mark.parametrize("answer", [None, {}, {"users": []}, {"users": [{}]}, {"users": [{"token": 5}]}])
def test_a_login_without_a_token_is_an_error(run_module: RunModule, webapp: ScriptedServer, answer: object) -> None:
    webapp.expect(Step("POST", "/v1/users/login", answer=answer))
    assert "holds no token" in run_module("shards_info", **USER)["msg"]


def test_a_wrong_password_is_not_tried_twice(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(401, "POST", "/v1/users/login"))
    result = run_module("shards_info", retries=3, **USER)
    assert result["error"]["endpoint"] == "POST /v1/users/login"
    assert USER["password"] not in str(result)


@pytest.mark.parametrize("given", [{"username": "admin"}, {"password": "x"}])
def test_user_and_password_belong_together(run_module: RunModule, given: dict[str, str]) -> None:
    assert run_module("shards_info", **given)["failed"]
