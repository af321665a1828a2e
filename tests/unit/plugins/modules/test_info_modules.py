# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""stats_info and support_info against a scripted webapp."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import META
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step

KEY = "an-api-key-of-some-length"
APIKEY = {"Authorization": f"Apikey {KEY}"}


def gauge(*values: Any) -> dict[str, Any]:
    """Return a metric with one entry per value."""
    return {"data": [{"labels": {}, "value": value} for value in values], "help": "", "type": "gauge"}


def test_reads_everything_with_the_right_credentials(run_module: RunModule, webapp: ScriptedServer) -> None:
    bearer = {"Authorization": "Bearer a.b.c"}
    app = {"callback_queue_size": gauge(3)}
    db = {"a:1": {}, "b:2": {"db_messages": gauge(1_500_000, 600_000)}}
    webapp.expect(
        Step("GET", "/v1/stats/app", answer={"stats": {"app": app}, "meta": META}, headers=APIKEY),
        Step("GET", "/v1/stats/db", answer={"stats": {"db": db}, "meta": META}, headers=APIKEY),
        Step("GET", "/metrics", answer={"metrics": {"web_uptime": gauge(7)}}, headers=APIKEY),
        Step("GET", "/v1/stats/app/internal", answer={"stats": {"anything": 1}}, headers=bearer),
        Step("GET", "/v1/stats/db/internal", raw_answer=b"null", headers=bearer),
    )
    gather = ["app", "db", "metrics", "app_internal", "db_internal"]
    result = run_module("stats_info", api_key=KEY, token="a.b.c", gather=gather)
    assert result["stats"]["app"] == {"single instance": app}
    assert result["stats"]["db"] == db
    assert result["stats"]["metrics"]["web_uptime"]["data"][0]["value"] == 7
    assert result["stats"]["app_internal"] == {"anything": 1}
    assert (result["messages"], result["large_database"], result["version"]) == (2_100_000, True, "2.57.2")


def test_reads_the_cheap_ones_by_default(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(Step("GET", "/v1/stats/app", answer={"stats": {"app": {}}}))
    assert run_module("stats_info", api_key=KEY)["stats"] == {"app": {}}


def test_tells_when_the_version_expires(run_module: RunModule, webapp: ScriptedServer) -> None:
    soon = int(time.time()) + 10 * 86400 + 3600
    nodes = {
        "app1:0123456789ab": {
            "expire_timestamp": soon,
            "schema": {"message": 5},
            "env": ["A=canary"],
            "db_info": ["x"],
        },
        "core1:0123456789ab": {"expire_timestamp": str(soon + 86400), "role": "coreapp"},
    }
    webapp.expect(Step("GET", "/v1/support", answer={"support": nodes, "meta": META}))
    result = run_module("support_info", token="a.b.c")
    assert result["days_left"] == 10
    assert result["expires"] == result["nodes"][0]["expires"]
    assert [node["host"] for node in result["nodes"]] == ["app1", "core1"]
    assert result["nodes"][0]["schema"] == {"message": 5}
    assert "canary" not in str(result)


def test_returns_the_environment_when_asked_for(run_module: RunModule, webapp: ScriptedServer) -> None:
    single = {"context": "healthcheck", "env": ["A=b"], "schema": {}}
    webapp.expect(Step("GET", "/v1/support", answer={"support": single}))
    result = run_module("support_info", token="a.b.c", include_environment=True)
    assert result["nodes"][0]["env"] == ["A=b"]
    assert (result["nodes"][0]["host"], result["expires"], result["days_left"]) == (None, None, None)


@pytest.mark.parametrize("support", [None, {}, []])
def test_copes_with_nothing(run_module: RunModule, webapp: ScriptedServer, support: Any) -> None:
    webapp.expect(Step("GET", "/v1/support", answer={"support": support}))
    assert run_module("support_info", token="a.b.c")["nodes"] == []
