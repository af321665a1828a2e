# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all API modules have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils import api_module
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import shards
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, error

ROOT = Path(__file__).parents[4]
API_MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py") if "ApiModule(" in path.read_text())


def documentation(module: str) -> dict[str, Any]:
    """Return the DOCUMENTATION of a module."""
    text = (ROOT / f"plugins/modules/{module}.py").read_text()
    parsed: dict[str, Any] = yaml.safe_load(text.split('DOCUMENTATION = r"""')[1].split('"""')[0])
    return parsed


@pytest.mark.parametrize("module", API_MODULES)
def test_every_module_documents_the_shared_options_and_the_group(module: str) -> None:
    fragments = documentation(module)["extends_documentation_fragment"]
    for name in ("connection", "authentication", "attributes", "attributes.action_group"):
        assert f"wabiz.onprem.{name}" in fragments


@pytest.mark.parametrize("module", API_MODULES)
def test_every_module_says_whether_it_is_idempotent(module: str) -> None:
    found = documentation(module)
    if "wabiz.onprem.attributes.info_module" in found["extends_documentation_fragment"]:
        return
    attributes = found["attributes"]
    for promise in ("check_mode", "idempotent"):
        if attributes[promise]["support"] != "full":
            assert attributes[promise]["details"]


def test_failures_are_structured(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(403, "GET", "/v1/account/shards", 1005, "no"))
    result = run_module("shards_info", token="a.b.c")
    assert result["error"] == {
        "status": 403,
        "code": 1005,
        "title": "An error",
        "details": "no",
        "message": "HTTP 403, 1005 An error: no",
        "endpoint": "GET /v1/account/shards",
        "host": webapp.address,
        "remedy": result["error"]["remedy"],
        "retry_after_seconds": None,
    }
    for part in ("HTTP 403", "1005", "GET /v1/account/shards", webapp.address, result["error"]["remedy"]):
        assert part in result["msg"]


def test_missing_requests_is_explained(run_module: RunModule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "REQUESTS_IMPORT_ERROR", "Traceback")
    result = run_module("shards_info", token="a.b.c")
    assert "requests" in result["msg"]
    assert "library" in result["msg"]


def test_no_endpoint(run_module: RunModule) -> None:
    assert "endpoints is empty" in run_module("shards_info", endpoints=[], token="a.b.c")["msg"]


def test_switching_verification_off_warns(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(shards(1))
    result = run_module("shards_info", validate_certs=False, ca_path=None, token="a.b.c")
    assert any("identity is not checked" in warning for warning in result["warnings"])


def test_the_second_webapp_is_used_when_the_first_fails(
    run_module: RunModule, webapp: ScriptedServer, second_webapp: ScriptedServer
) -> None:
    webapp.expect(error(500, "GET", "/v1/account/shards", 1023))
    second_webapp.expect(shards(2))
    endpoints = [webapp.address, second_webapp.address]
    assert run_module("shards_info", endpoints=endpoints, token="a.b.c")["shards"] == 2


@pytest.mark.parametrize("answer", [{}, {"account": None}, {"account": {"shards": "many"}}, {"account": []}])
def test_an_answer_without_the_number_is_an_error(run_module: RunModule, webapp: ScriptedServer, answer: Any) -> None:
    step = shards(1)
    step.answer = answer
    webapp.expect(step)
    assert "no number" in run_module("shards_info", token="a.b.c")["msg"]
