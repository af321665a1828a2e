# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""user and user_info against a scripted webapp."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

PASSWORD = "Messag1ng-Pass"
GIVEN: dict[str, Any] = {"name": "messaging", "token": "a.b.c"}
PATH = "/v1/users/messaging"
FOUND = Step("GET", PATH, answer={"users": [{"username": "messaging", "ROLES": "ROLE_USER"}]})
MISSING = error(404, "GET", PATH, 1006)
CREATED = Step("POST", "/v1/users", 201, {"users": []}, {"username": "messaging", "password": PASSWORD})
LOGIN_HEADER = {"Authorization": "Basic " + base64.b64encode(f"messaging:{PASSWORD}".encode()).decode()}
LOGIN = Step("POST", "/v1/users/login", answer={"users": [{"token": "x.y.z"}]}, headers=LOGIN_HEADER)
LOGOUT = Step("POST", "/v1/users/logout", headers={"Authorization": "Bearer x.y.z"})
REFUSED = error(401, "POST", "/v1/users/login", headers=LOGIN_HEADER)
CHANGED = Step("PUT", PATH, 200, {"users": []}, {"password": PASSWORD}, headers={"Authorization": "Bearer a.b.c"})


def test_looks_up(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(FOUND, MISSING)
    assert run_module("user_info", **GIVEN)["user"] == {"name": "messaging", "role": "ROLE_USER"}
    assert run_module("user_info", **GIVEN)["exists"] is False


@pytest.mark.parametrize("check", [False, True])
def test_creates(run_module: RunModule, webapp: ScriptedServer, check: bool) -> None:
    webapp.expect(MISSING, *([] if check else [CREATED]))
    result = run_module("user", check=check, diff=True, user_password=PASSWORD, **GIVEN)
    assert result["changed"]
    assert result["diff"] == {"before": {}, "after": {"name": "messaging", "role": "ROLE_USER"}}
    assert PASSWORD not in str(result)


def test_a_second_run_changes_nothing(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(FOUND, LOGIN, LOGOUT)
    assert not run_module("user", user_password=PASSWORD, **GIVEN)["changed"]


@pytest.mark.parametrize("check", [False, True])
def test_changes_the_password(run_module: RunModule, webapp: ScriptedServer, check: bool) -> None:
    webapp.expect(FOUND, REFUSED, *([] if check else [CHANGED]))
    result = run_module("user", check=check, diff=True, user_password=PASSWORD, **GIVEN)
    assert result["changed"]
    assert result["diff"]["before"]["password"] != result["diff"]["after"]["password"]
    assert PASSWORD not in str(result)


@pytest.mark.parametrize("arguments", [{}, {"user_password": PASSWORD, "update_password": "on_create"}])
def test_leaves_the_password_alone(run_module: RunModule, webapp: ScriptedServer, arguments: dict[str, Any]) -> None:
    webapp.expect(FOUND)
    assert not run_module("user", **arguments, **GIVEN)["changed"]


def test_a_user_that_appears_in_between_is_fine(run_module: RunModule, webapp: ScriptedServer) -> None:
    duplicate = error(500, "POST", "/v1/users", 1014, "Unable to create user. Already exist?")
    webapp.expect(MISSING, duplicate, FOUND, LOGIN, LOGOUT)
    assert not run_module("user", user_password=PASSWORD, retries=3, **GIVEN)["changed"]


def test_another_internal_error_stays_one(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(MISSING, error(500, "POST", "/v1/users", 1014), MISSING)
    result = run_module("user", user_password=PASSWORD, retries=3, **GIVEN)
    assert (result["error"]["code"], result["error"]["outcome"]) == (1014, "unknown")
    assert "there is no user 'messaging'" in result["msg"]


@pytest.mark.parametrize("lost", [error(504, "POST", "/v1/users"), Step("POST", "/v1/users", drop=True)], ids=str)
def test_a_user_whose_creation_was_not_confirmed_is_looked_up(
    run_module: RunModule, webapp: ScriptedServer, lost: Step
) -> None:
    webapp.expect(MISSING, lost, FOUND, LOGIN, LOGOUT)
    result = run_module("user", user_password=PASSWORD, retries=3, **GIVEN)
    assert (result["changed"], result["user"]["role"]) == (True, "ROLE_USER")


@pytest.mark.parametrize("check", [False, True])
def test_deletes(run_module: RunModule, webapp: ScriptedServer, check: bool) -> None:
    webapp.expect(FOUND, *([] if check else [Step("DELETE", PATH)]))
    result = run_module("user", check=check, diff=True, state="absent", **GIVEN)
    assert (result["changed"], result["diff"]["after"]) == (True, {})


def test_deletes_only_once(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(MISSING, FOUND, error(404, "DELETE", PATH, 1006))
    assert not run_module("user", state="absent", **GIVEN)["changed"]
    assert run_module("user", state="absent", **GIVEN)["changed"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "admin", "state": "absent"}, "cannot be deleted"),
        ({"name": "abc"}, "4 to 32 characters"),
        ({"name": "a:bcd"}, "colon"),
    ],
)
def test_refuses(run_module: RunModule, arguments: dict[str, Any], words: str) -> None:
    assert words in run_module("user", token="a.b.c", **arguments)["msg"]


@pytest.mark.parametrize(("password", "words"), [(None, "Give user_password"), ("short", "8 to 64 characters")])
def test_refuses_to_create_without_a_good_password(
    run_module: RunModule, webapp: ScriptedServer, password: str | None, words: str
) -> None:
    webapp.expect(MISSING)
    assert words in run_module("user", user_password=password, **GIVEN)["msg"]


def test_not_being_admin_is_explained(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(403, "GET", PATH, 1005, "Access denied"))
    result = run_module("user", user_password=PASSWORD, retries=3, **GIVEN)
    assert "admin account" in result["error"]["remedy"]


def test_names_are_quoted(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(404, "GET", "/v1/users/a%2Fb%20c%3F", 1006))
    assert run_module("user_info", token="a.b.c", name="a/b c?")["exists"] is False
