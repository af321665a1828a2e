# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""shards and shards_info against a scripted webapp."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import health, shards
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

CERTIFICATE = "QSBjZXJ0aWZpY2F0ZQ=="
GIVEN: dict[str, Any] = {
    "cc": "49",
    "phone_number": "15112345678",
    "cert": CERTIFICATE,
    "token": "a.b.c",
    "wait_interval": 0.01,
    "wait_timeout": 20,
}
PATH = "/v1/account/shards"


def post(number: int, **extra: Any) -> Step:
    """Return a successful call."""
    payload = {"cc": "49", "phone_number": "15112345678", "shards": number, "cert": CERTIFICATE, **extra}
    return Step("POST", PATH, 201, {"meta": {}}, payload)


@pytest.mark.parametrize("number", [2, "2"])
def test_reads_the_number(run_module: RunModule, webapp: ScriptedServer, number: Any) -> None:
    webapp.expect(shards(number))
    result = run_module("shards_info", token="a.b.c")
    assert (result["shards"], result["version"], result["changed"]) == (2, "2.57.2", False)


def test_sets_and_waits_until_all_coreapps_are_back(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(
        shards(1),
        health(1, 3),
        post(2, pin="135790"),
        health(1, 3),
        error(503, "GET", "/v1/health", 1011),
        health(0, 0, failing=3),
        health(2, 2),
        health(2, 3),
    )
    result = run_module("shards", diff=True, shards=2, pin="135790", **GIVEN)
    assert (result["changed"], result["shards"], result["previous_shards"]) == (True, 2, 1)
    assert result["diff"] == {"before": {"shards": 1}, "after": {"shards": 2}}
    assert result["summary"]["connected_coreapps"] == 2
    assert "135790" not in str(result)
    assert CERTIFICATE not in str(result)


def test_a_second_run_makes_no_call(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(2), health(2, 3), health(2, 3))
    assert not run_module("shards", shards=2, **GIVEN)["changed"]


def test_a_second_run_waits_where_the_first_was_interrupted(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(2), health(1, 3), health(1, 3), health(2, 3))
    result = run_module("shards", shards=2, **GIVEN)
    assert (result["changed"], result["summary"]["connected_coreapps"]) == (False, 2)


def test_check_mode_predicts_and_asks_nothing_more(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(4), health(4, 5))
    result = run_module("shards", check=True, diff=True, shards=2, **GIVEN)
    assert (result["changed"], result["diff"]["after"]) == (True, {"shards": 2})


@pytest.mark.parametrize("check", [False, True])
def test_names_all_reasons_against_it_at_once(run_module: RunModule, webapp: ScriptedServer, check: bool) -> None:
    webapp.expect(shards(2), health(1, 3, failing=1))
    result = run_module("shards", check=check, shards=4, **GIVEN)
    assert result["failed"]
    for words in ("3 answer", "Nodes with errors", "1 coreapps are connected for 2 shards"):
        assert words in result["msg"]


def test_too_few_coreapps_are_never_overruled(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(2), health(1, 3, failing=1))
    result = run_module("shards", shards=4, force=True, **GIVEN)
    assert result["failed"]
    assert "Start more coreapps" in result["msg"]
    assert "Nodes with errors" not in result["msg"]


def test_force_overrules_what_may_be_overruled(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1), health(0, 3, failing=1), post(2), health(2, 4))
    result = run_module("shards", shards=2, force=True, **GIVEN)
    assert result["changed"]
    assert len(result["objections"]) == 2


def test_force_does_not_wait_for_a_node_that_failed_before(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1), health(1, 3, failing=1), post(2), health(2, 3, failing=1))
    assert run_module("shards", shards=2, force=True, **{**GIVEN, "wait_timeout": 5})["changed"]


def test_the_connected_ones_of_before_the_restart_are_not_those_of_after_it(
    run_module: RunModule, webapp: ScriptedServer
) -> None:
    """Coreapps are lost: two of four shards are served, and two are wanted."""
    webapp.expect(shards(4), health(2, 3), post(2), health(2, 3), health(0, 0, failing=3), health(2, 3))
    result = run_module("shards", shards=2, force=True, **GIVEN)
    assert (result["changed"], result["summary"]["connected_coreapps"]) == (True, 2)
    asked = [request for request in webapp.seen if request.path == "/v1/health"]
    assert len(asked) == 4


def test_refuses_a_cluster_without_a_number(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1), health(0, 3, registered=False))
    assert "No phone number is registered" in run_module("shards", shards=2, force=True, **GIVEN)["msg"]


def test_the_certificate_is_required_from_245_on(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1, "2.45.1"), health(1, 3), Step("GET", "/v1/support", answer={"support": {}}))
    result = run_module("shards", shards=2, force=True, **{**GIVEN, "cert": None})
    assert "Version 2.45.1 requires the verified-name certificate" in result["msg"]


@pytest.mark.parametrize(("days", "goes_on"), [(1, True), (30, False), (None, False)])
def test_before_245_the_age_of_the_registration_decides(
    run_module: RunModule, webapp: ScriptedServer, days: int | None, goes_on: bool
) -> None:
    stamp = {"identity_timestamp": time.time() - days * 86400} if days else {}
    support = Step("GET", "/v1/support", answer={"support": {"app1:0123456789ab": {"e2e": stamp}}})
    webapp.expect(shards(1, "2.41.3"), health(1, 3), support)
    if goes_on:
        payload = {"cc": "49", "phone_number": "15112345678", "shards": 2}
        webapp.expect(Step("POST", PATH, 201, None, payload), health(2, 3))
    result = run_module("shards", shards=2, **{**GIVEN, "cert": None})
    assert result.get("failed", False) is not goes_on


def test_old_versions_do_not_get_a_parameter_that_they_do_not_know(
    run_module: RunModule, webapp: ScriptedServer
) -> None:
    payload = {"cc": "49", "phone_number": "15112345678", "shards": 2}
    webapp.expect(shards(1, "2.37.2"), health(1, 3), Step("POST", PATH, 201, None, payload), health(2, 3))
    assert run_module("shards", shards=2, **GIVEN)["changed"]


def test_a_temporary_403_is_repeated_as_often_as_allowed(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(
        shards(1), health(1, 3), error(403, "POST", PATH), error(403, "POST", PATH, 1000), post(2), health(2, 3)
    )
    assert run_module("shards", shards=2, attempts=3, **GIVEN)["changed"]


@pytest.mark.parametrize("codes", [[1015], [1000, 1015], [1000, 1005], [1005, 1000]], ids=str)
def test_no_other_403_is_repeated(
    run_module: RunModule, webapp: ScriptedServer, second_webapp: ScriptedServer, codes: list[int]
) -> None:
    webapp.expect(shards(1), health(1, 3), Step("POST", PATH, 403, {"errors": [{"code": code} for code in codes]}))
    endpoints = [webapp.address, second_webapp.address]
    result = run_module("shards", shards=2, attempts=5, endpoints=endpoints, retries=4, **GIVEN)
    assert ("extend the waiting time" in result["msg"]) is (1015 in codes)
    assert (result["error"]["status"], second_webapp.seen) == (403, [])


def test_a_temporary_403_is_not_repeated_for_ever(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1), health(1, 3), error(403, "POST", PATH), error(403, "POST", PATH))
    assert run_module("shards", shards=2, attempts=2, **GIVEN)["error"]["status"] == 403


def test_access_denied_is_not_repeated(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1), health(1, 3), error(403, "POST", PATH, 1005, "Invalid vname certificate"))
    result = run_module("shards", shards=2, **GIVEN)
    assert result["error"]["code"] == 1005
    assert "certificate" in result["error"]["remedy"]


def test_a_lost_answer_is_looked_up(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1), health(1, 3), Step("POST", PATH, drop=True), shards(2), health(2, 3))
    assert run_module("shards", shards=2, **GIVEN)["changed"]


def test_a_lost_request_is_an_error(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1), health(1, 3), Step("POST", PATH, drop=True), shards(1))
    assert run_module("shards", shards=2, **{**GIVEN, "wait_timeout": 0})["failed"]


def test_says_so_when_not_each_shard_is_served_in_time(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1), health(1, 3), post(2), health(1, 3))
    result = run_module("shards", shards=2, **{**GIVEN, "wait_timeout": 0})
    assert (result["failed"], result["changed"]) == (True, True)
    assert "not each is served" in result["msg"]


def test_warns_when_no_coreapp_is_left_in_reserve(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1), health(1, 2))
    result = run_module("shards", check=True, shards=2, **GIVEN)
    assert any("standby" in warning for warning in result["warnings"])


def test_only_allowed_numbers(run_module: RunModule) -> None:
    assert run_module("shards", shards=3, **GIVEN)["failed"]
