# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""snapshot_info against scripted webapps: each part by itself, and no failure because of what the cluster says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.modules import snapshot_info
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import META
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

KEY = "an-api-key-of-some-length"
ADMIN = {"username": "admin", "password": "Canary-password-1"}
APIKEY = {"Authorization": f"Apikey {KEY}"}
BEARER = {"Authorization": "Bearer canary.tok.en"}
ACCOUNT = "/v1/users/admin"


def health(status: str) -> Step:
    node = {"gateway_status": status, "role": "primary_master"}
    return Step("GET", "/v1/health", answer={"health": {"app1:0123456789ab": node}, "meta": META}, headers=APIKEY)


def login() -> Step:
    return Step("POST", "/v1/users/login", answer={"users": [{"token": "canary.tok.en"}]})


def logout() -> Step:
    return Step("POST", "/v1/users/logout", answer={})


def shards(count: Any = 2) -> Step:
    return Step("GET", "/v1/account/shards", answer={"account": {"shards": count}}, headers=BEARER)


def settings() -> Step:
    found = {"webhooks": {"url": "https://me:canary-hook@hooks.example.net"}}
    return Step("GET", "/v1/settings/application", answer={"settings": {"application": found}}, headers=BEARER)


def support() -> Step:
    node = {"schema": {"message": 5}, "env": ["A=canary-env"]}
    return Step("GET", "/v1/support", answer={"support": {"app1:0123456789ab": node}}, headers=BEARER)


def statistics() -> Step:
    rows = {"data": [{"labels": {}, "value": 7}]}
    return Step("GET", "/v1/stats/db", answer={"stats": {"db": {"app1:0": {"db_messages": rows}}}}, headers=APIKEY)


def account(status: int = 200) -> Step:
    return Step("GET", ACCOUNT, status, answer={"users": [{"username": "admin"}]}, headers=BEARER)


def test_reads_everything_with_one_login(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health("connected"), statistics(), login(), shards(), settings(), support(), account(), logout())
    result = run_module("snapshot_info", api_key=KEY, check=True, **ADMIN)
    assert (result["changed"], result["problems"], result["shards"]) == (False, {}, 2)
    assert result["health"]["summary"]["registered"] is True
    assert (result["health"]["version"], result["health"]["endpoint"]) == ("2.57.2", webapp.address)
    assert result["settings"]["webhooks"]["url"].startswith("https://me:")
    assert (result["stats"]["messages"], result["support"]["nodes"][0]["schema"]) == (7, {"message": 5})
    (found,) = result["webapps"]
    assert (found["endpoint"], found["ok"], found["error"]) == (webapp.address, True, "")
    assert dt.date.fromisoformat(found["certificate_until"]) > dt.date(2026, 1, 1)
    assert "anary" not in str(result)


def test_without_a_password_only_what_needs_no_administrator_is_read(
    run_module: RunModule, webapp: ScriptedServer
) -> None:
    webapp.expect(health("connected"), statistics(), health("connected"))
    result = run_module("snapshot_info", api_key=KEY)
    assert (result["shards"], result["settings"], result["support"], result["problems"]) == (None, {}, {}, {})
    assert result["stats"]["messages"] == 7
    assert [found["ok"] for found in result["webapps"]] == [True]


def test_what_only_a_registered_number_has_is_not_asked_for_without_one(
    run_module: RunModule, webapp: ScriptedServer
) -> None:
    webapp.expect(health("unregistered"), health("unregistered"))
    result = run_module("snapshot_info", api_key=KEY, **ADMIN)
    assert (result["shards"], result["stats"], result["problems"]) == (None, {}, {})


def test_each_part_may_fail_by_itself(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(
        health("connected"),
        error(500, "GET", "/v1/stats/db", 1014),
        login(),
        shards("many"),
        error(403, "GET", "/v1/settings/application", 1005),
        support(),
        account(404),
        logout(),
    )
    result = run_module("snapshot_info", api_key=KEY, **ADMIN)
    assert not result.get("failed"), result
    assert sorted(result["problems"]) == ["settings", "shards", "stats"]
    assert result["stats"] == {"msg": result["problems"]["stats"]}
    assert (result["shards"], result["settings"]) == (None, {})
    # That there is no such account is an answer.
    assert [found["ok"] for found in result["webapps"]] == [True]


def test_a_wrong_password_leaves_the_rest(run_module: RunModule, webapp: ScriptedServer) -> None:
    wrong = [Step("POST", "/v1/users/login", 401) for _number in range(4)]
    webapp.expect(health("connected"), statistics(), *wrong, health("connected"))
    result = run_module("snapshot_info", api_key=KEY, **ADMIN)
    assert sorted(result["problems"]) == ["settings", "shards", "support"]
    assert [found["ok"] for found in result["webapps"]] == [True]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (error(500, "GET", "/v1/health", 1014), "1014"),
        (error(503, "GET", "/v1/health", 1023), "1023"),
        (error(400, "GET", "/v1/health", 1014), "1014"),
        (Step("GET", "/v1/health", drop=True), "broke off"),
    ],
    ids=["500", "503", "1014", "no answer"],
)
def test_a_webapp_is_judged_by_itself(
    run_module: RunModule, webapp: ScriptedServer, second_webapp: ScriptedServer, failure: Step, words: str
) -> None:
    webapp.expect(failure)
    second_webapp.expect(health("unregistered"))
    both = [webapp.address, second_webapp.address]
    result = run_module("snapshot_info", api_key=KEY, endpoints=both, gather=["webapps"])
    assert [(found["endpoint"], found["ok"]) for found in result["webapps"]] == [(both[0], False), (both[1], True)]
    assert words in result["webapps"][0]["error"]
    assert result["webapps"][1]["certificate_until"]


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_what_a_webapp_says_of_the_caller_is_an_answer(
    run_module: RunModule, webapp: ScriptedServer, status: int
) -> None:
    webapp.expect(Step("GET", "/v1/health", status))
    result = run_module("snapshot_info", api_key=KEY, gather=["webapps"])
    assert result["webapps"][0]["ok"]


def test_a_cluster_that_does_not_answer_is_no_failure(run_module: RunModule) -> None:
    result = run_module("snapshot_info", api_key=KEY, endpoints=["https://127.0.0.1:9"], **ADMIN)
    assert not result.get("failed"), result
    assert "no connection" in result["health"]["msg"]
    assert list(result["problems"]) == ["health"]
    (found,) = result["webapps"]
    assert (found["ok"], found["certificate_until"]) == (False, "")


def test_without_any_credentials_only_the_page_is_asked_for(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(Step("GET", "/", raw_answer=b"hello"))
    result = run_module("snapshot_info")
    assert "needs a user" in result["problems"]["health"]
    assert result["webapps"][0]["ok"]


def test_waits_until_the_health_tells(
    run_module: RunModule, webapp: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_info, "INTERVAL_SECONDS", 0.01)
    webapp.expect(error(500, "GET", "/v1/health", 1014), health("uninitialized"), health("connected"))
    result = run_module("snapshot_info", api_key=KEY, gather=["health"], wait_registered=10)
    assert (result["health"]["polls"], result["health"]["summary"]["registered"]) == (3, True)
    assert "msg" not in result["health"]


def test_says_what_it_waited_for(
    run_module: RunModule, webapp: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_info, "INTERVAL_SECONDS", 10)
    webapp.expect(health("uninitialized"), health("uninitialized"))
    result = run_module("snapshot_info", api_key=KEY, gather=["health"], wait_registered=1)
    assert "registration" in result["health"]["msg"]
    assert result["health"]["nodes"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"endpoints": []}, "endpoints is empty"),
        ({"endpoints": ["http://web1"]}, "not an address"),
        ({"ca_path": "/does/not/exist"}, "cannot be read"),
        ({"gather": ["weather"]}, "value of gather"),
        ({"username": "admin"}, "password"),
    ],
)
def test_wrong_options_fail(run_module: RunModule, options: dict[str, Any], words: str) -> None:
    result = run_module("snapshot_info", **options)
    assert result["failed"] and words in result["msg"]
