# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""token against a scripted webapp."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

from tests.support.playbook import LOCALLY, run_playbook

OLD = "secret"
NEW = "Fresh-Passw0rd"
JWT = "aaaa.bbbb.cccc"


def basic(password: str) -> dict[str, str]:
    """Return the header of a login as admin."""
    return {"Authorization": "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()}


def login(password: str, payload: Any = None) -> Step:
    """Return a successful login."""
    users = [{"token": JWT, "expires_after": "2026-01-08 12:00:00+00:00"}]
    return Step(
        "POST", "/v1/users/login", answer={"users": users, "meta": {}}, headers=basic(password), payload=payload
    )


def refused(password: str, status: int = 401, code: int | None = None) -> Step:
    """Return a login that the client refuses."""
    return error(status, "POST", "/v1/users/login", code, headers=basic(password))


def test_logs_in(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(login(NEW, {}))
    result = run_module("token", username="admin", password=NEW)
    assert (result["changed"], result["token"], result["password_changed"]) == (False, JWT, False)
    assert NEW not in str(result)


def test_changes_the_first_password(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(refused(NEW), login(OLD, {"new_password": NEW}))
    result = run_module("token", diff=True, username="admin", password=OLD, new_password=NEW)
    assert (result["changed"], result["token"], result["password_changed"]) == (True, JWT, True)
    assert result["diff"] == {"before": {"password": "old"}, "after": {"password": "new"}}
    assert NEW not in str(result)


def test_a_second_run_changes_nothing(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(login(NEW))
    result = run_module("token", username="admin", password=OLD, new_password=NEW)
    assert (result["changed"], result["token"]) == (False, JWT)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_check_mode_predicts_the_change(run_module: RunModule, webapp: ScriptedServer, status: int) -> None:
    webapp.expect(refused(NEW), refused(OLD, status, 1024))
    result = run_module("token", check=True, username="admin", password=OLD, new_password=NEW)
    assert result["changed"]
    assert "token" not in result


def test_check_mode_fails_where_the_run_would(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(refused(NEW), refused("wrong"))
    result = run_module("token", check=True, username="admin", password="wrong", new_password=NEW)
    assert result["failed"]
    assert result["error"]["status"] == 401


def test_check_mode_leaves_no_token_behind(run_module: RunModule, webapp: ScriptedServer) -> None:
    logout = Step("POST", "/v1/users/logout", headers={"Authorization": f"Bearer {JWT}"})
    webapp.expect(refused(NEW), login("Older-Passw0rd"), logout)
    assert run_module("token", check=True, username="admin", password="Older-Passw0rd", new_password=NEW)["changed"]


def test_refuses_a_weak_password_before_the_client_does(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(refused("weak"))
    result = run_module("token", username="admin", password=OLD, new_password="weak")
    assert result["failed"]
    assert "8 to 64 characters" in result["msg"]
    assert "a digit" in result["msg"]


def test_tells_that_the_first_password_has_to_be_changed(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(refused(OLD, 403, 1024))
    result = run_module("token", username="admin", password=OLD)
    assert result["error"]["code"] == 1024
    assert "new_password" in result["msg"]


def test_logs_out(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(Step("POST", "/v1/users/logout", answer={"meta": {}}, headers={"Authorization": f"Bearer {JWT}"}))
    result = run_module("token", diff=True, token=JWT, state="absent")
    assert result["changed"]
    assert JWT not in str(result)


def test_logging_out_twice_changes_nothing(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(401, "POST", "/v1/users/logout"))
    assert not run_module("token", token=JWT, state="absent")["changed"]


@pytest.mark.parametrize(("status", "changed"), [(200, True), (401, False)])
def test_check_mode_of_logging_out_asks_whether_the_token_is_valid(
    run_module: RunModule, webapp: ScriptedServer, status: int, changed: bool
) -> None:
    webapp.expect(Step("GET", "/v1/health", status, headers={"Authorization": f"Bearer {JWT}"}))
    assert run_module("token", check=True, token=JWT, state="absent")["changed"] is changed


@pytest.mark.parametrize("arguments", [{}, {"username": "admin"}, {"state": "absent"}])
def test_asks_for_what_it_needs(run_module: RunModule, arguments: dict[str, Any]) -> None:
    assert run_module("token", **arguments)["failed"]


@pytest.mark.parametrize("lost", [Step("POST", "/v1/users/login", drop=True), error(504, "POST", "/v1/users/login")])
def test_a_change_whose_answer_was_lost_is_recognised(
    run_module: RunModule, webapp: ScriptedServer, lost: Step
) -> None:
    webapp.expect(refused(NEW), lost, refused(OLD), login(NEW))
    result = run_module("token", username="admin", password=OLD, new_password=NEW, retries=1)
    assert (result["changed"], result["password_changed"], result["token"]) == (True, True, JWT)


def test_a_wrong_old_password_stays_an_error(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(refused(NEW), refused(OLD), refused(NEW))
    result = run_module("token", username="admin", password=OLD, new_password=NEW)
    assert result["error"]["status"] == 401


PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Log in without waiting for it
      wabiz.onprem.token:
        endpoints: ["{{ webapp }}"]
        ca_path: "{{ ca }}"
        proxy: ""
        username: admin
        password: "{{ password }}"
      async: 60
      poll: "{{ pause }}"
"""


@pytest.mark.parametrize("poll", [0, 1])
def test_async_is_refused_as_it_would_print_and_keep_the_token(
    webapp: ScriptedServer, tls_files: dict[str, str], tmp_path: Path, poll: int
) -> None:
    kept = tmp_path / "async"
    (tmp_path / "token.yml").write_text(PLAYBOOK.replace('"{{ pause }}"', str(poll)))
    variables = {**LOCALLY, "webapp": webapp.address, "ca": tls_files["ca"], "password": NEW}
    variables |= {"ansible_async_dir": str(kept)}
    webapp.expect(login(NEW))
    run = run_playbook(tmp_path / "token.yml", inventory="localhost,", extra_vars=variables, arguments=["-v"])
    asked = webapp.calls()
    webapp.steps.clear()
    assert JWT not in run.output
    assert not [path for path in kept.rglob("*") if path.is_file() and JWT in path.read_text()]
    assert asked == []
    run.failed()
    assert "does not run with async" in run.failures[0]["msg"]
    assert "async and poll" in run.failures[0]["msg"]
