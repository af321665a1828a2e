# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""health_info against a scripted webapp."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

KEY = "an-api-key-of-some-length"
NOT_READY = {"errors": [{"code": 1011, "title": "Service not ready", "details": "Wacore is not instantiated."}]}


def health(**nodes: Any) -> dict[str, Any]:
    """Return an answer with nodes named C(host); the container id is made up."""
    return {
        "health": {f"{host}:0123456789ab": node for host, node in nodes.items()},
        "meta": {"api_status": "stable", "version": "v2.57.2"},
    }


UNREGISTERED = health(
    app1={"gateway_status": "unregistered", "role": "primary_master"}, app2=NOT_READY, app3=NOT_READY, app4=NOT_READY
)
REGISTERED = health(
    app1={"gateway_status": "disconnected", "role": "primary_master"},
    app2={"gateway_status": "disconnected", "role": "secondary_master"},
    app3={"gateway_status": "connected", "role": "coreapp"},
    app4={"gateway_status": "disconnected", "role": "coreapp"},
)


def ask(answer: Any) -> Step:
    """Return a health request with the API key."""
    return Step("GET", "/v1/health", answer=answer, headers={"Authorization": f"Apikey {KEY}"})


def test_reports_nodes_summary_and_version(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(ask(REGISTERED))
    result = run_module("health_info", api_key=KEY)
    assert not result["changed"]
    assert result["version"] == "2.57.2"
    assert result["endpoint"] == webapp.address
    assert result["summary"]["connected"] == ["app3:0123456789ab"]
    assert [(node["host"], node["role"]) for node in result["nodes"]] == [
        ("app1", "primary_master"),
        ("app2", "secondary_master"),
        ("app3", "coreapp"),
        ("app4", "coreapp"),
    ]
    assert KEY not in str(result)


@pytest.mark.parametrize("answer", [UNREGISTERED, REGISTERED])
def test_one_expectation_serves_before_and_after_registration(
    run_module: RunModule, webapp: ScriptedServer, answer: Any
) -> None:
    webapp.expect(ask(answer))
    result = run_module("health_info", api_key=KEY, wait_for={"masters": 2, "coreapps": 2, "shards": 1})
    assert not result.get("failed"), result
    assert result["unmet"] == []


def test_polls_through_errors_until_the_cluster_is_there(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(
        error(500, "GET", "/v1/health", 1014),
        error(502, "GET", "/v1/health"),
        ask(health(app1=NOT_READY)),
        ask(UNREGISTERED),
        ask(REGISTERED),
    )
    result = run_module(
        "health_info", api_key=KEY, wait_for={"shards": 1, "registered": True}, wait_timeout=20, wait_interval=0.01
    )
    assert not result.get("failed"), result
    assert result["polls"] == 5


def test_says_what_is_missing(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(ask(REGISTERED))
    result = run_module("health_info", api_key=KEY, wait_for={"coreapps": 3, "shards": 2}, wait_timeout=0)
    assert result["failed"]
    assert [item["where"] for item in result["unmet"]] == ["coreapps", "shards"]
    for words in (
        "coreapps: wanted at least 3, found 2",
        "shards: wanted exactly 2",
        "Last state: app1:",
        "Check that",
    ):
        assert words in result["msg"]


def test_a_wrong_key_ends_the_waiting_at_once(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(401, "GET", "/v1/health"))
    result = run_module("health_info", api_key=KEY, wait_for={"shards": 1}, wait_timeout=60)
    assert result["failed"]
    assert result["error"]["status"] == 401
    assert KEY not in str(result)


def test_reports_the_last_error_when_no_webapp_answered(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(503, "GET", "/v1/health", 1011, "Wacore is not instantiated."))
    result = run_module("health_info", api_key=KEY, wait_for={"shards": 1}, wait_timeout=0)
    assert "The last query failed: GET /v1/health" in result["msg"]
    assert "1011" in result["msg"]
