# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""media_provider against a scripted webapp."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

PATH = "/v1/settings/application/media/providers"
BEARER = {"name": "pictures", "type": "www", "config": {"bearer": "Be4rer-Canary"}}
BASIC = {"name": "pictures", "type": "www", "config": {"basic": {"username": "u", "password": "B4sic-Canary"}}}
OTHER = {"name": "other", "type": "www", "config": {"bearer": "0ther-Canary"}}
AS_BEARER = {"token": "a.b.c", "name": "pictures", "bearer": "Be4rer-Canary"}
AS_BASIC = {"token": "a.b.c", "name": "pictures", "basic_username": "u", "basic_password": "B4sic-Canary"}


def get(*providers: dict[str, Any]) -> Step:
    """Return the question for the providers and its answer."""
    return Step("GET", PATH, answer={"settings": {"application": {"media": {"providers": list(providers)}}}})


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("arguments", "payload"), [(AS_BEARER, BEARER), (AS_BASIC, BASIC)])
def test_adds(
    run_module: RunModule, webapp: ScriptedServer, check: bool, arguments: dict[str, str], payload: dict[str, Any]
) -> None:
    webapp.expect(get(OTHER), *([] if check else [Step("POST", PATH, payload=[payload])]))
    result = run_module("media_provider", check=check, diff=True, **arguments)
    assert (result["changed"], result["providers"]) == (True, ["other", "pictures"])
    assert "Canary" not in str(result)


def test_changes_credentials_without_showing_them(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get(BASIC), Step("POST", PATH, payload=[BEARER]))
    result = run_module("media_provider", diff=True, **AS_BEARER)
    assert result["diff"]["before"] == {"name": "pictures", "authentication": "basic", "credentials": "old"}
    assert result["diff"]["after"] == {"name": "pictures", "authentication": "bearer", "credentials": "new"}
    assert "Canary" not in str(result)


@pytest.mark.parametrize(("arguments", "present"), [(AS_BEARER, BEARER), (AS_BASIC, BASIC)])
def test_a_second_run_changes_nothing(
    run_module: RunModule, webapp: ScriptedServer, arguments: dict[str, str], present: dict[str, Any]
) -> None:
    webapp.expect(get(OTHER, present))
    assert not run_module("media_provider", **arguments)["changed"]


@pytest.mark.parametrize("check", [False, True])
def test_removes(run_module: RunModule, webapp: ScriptedServer, check: bool) -> None:
    webapp.expect(get(OTHER, BEARER), *([] if check else [Step("DELETE", f"{PATH}/pictures")]))
    result = run_module("media_provider", check=check, diff=True, token="a.b.c", name="pictures", state="absent")
    assert (result["changed"], result["providers"], result["diff"]["after"]) == (True, ["other"], {})
    assert "Canary" not in str(result)


def test_a_removal_whose_answer_was_lost_is_one(run_module: RunModule, webapp: ScriptedServer) -> None:
    delete = f"{PATH}/pictures"
    webapp.expect(get(BEARER), Step("DELETE", delete, drop=True), error(404, "DELETE", delete, 1006))
    assert run_module("media_provider", name="pictures", state="absent", token="a.b.c", retries=1)["changed"]


def test_removes_only_once(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get(OTHER))
    assert not run_module("media_provider", token="a.b.c", name="pictures", state="absent")["changed"]


@pytest.mark.parametrize(
    "arguments", [{}, {"bearer": "x", "basic_username": "u", "basic_password": "p"}, {"basic_username": "u"}]
)
def test_refuses(run_module: RunModule, arguments: dict[str, str]) -> None:
    assert run_module("media_provider", token="a.b.c", name="pictures", **arguments)["failed"]
