# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all API modules have in common."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api import api_module
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import shards
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

from tests.support.paths import ROOT

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


CANARY = itertools.count(1)


def canary(form: str = "Canary-{}-Secret") -> str:
    """Return another secret each time."""
    return form.format(next(CANARY))


NUMBER = {"cc": "49", "phone_number": "15112345678"}
HOOK = "https://hook:{}@hooks.example.net/x"
# All secrets that each module takes, in addition to those that all of them take.
SECRETS: dict[str, dict[str, Any]] = {
    "registration": {**NUMBER, "cert": canary(), "pin": "739150", "code": "864-208"},
    "shards": {**NUMBER, "shards": 2, "cert": canary(), "pin": "739150"},
    "settings_backup": {"path": "/none/backup.json", "backup_password": canary()},
    "settings_restore": {"path": "/none/backup.json", "backup_password": canary()},
    "token": {"new_password": canary()},
    "user": {"name": "messaging", "user_password": canary()},
    "user_info": {"name": "messaging"},
    "certificate": {"kind": "webhook_ca", "content": canary()},
    "two_step_verification": {"pin": "739150"},
    "media_provider": {"name": "shop", "basic_username": "shop", "basic_password": canary()},
    "application_settings": {"settings": {"webhooks": {"url": HOOK.format(canary())}}},
    "business_profile": {"about": "A shop"},
    "outage_info": {"node": "core1:0123456789ab", "begin_timeout": 0},
}


def secrets_in(value: Any) -> list[str]:
    """Return the canaries among the arguments, however deep."""
    if isinstance(value, dict):
        return [secret for item in value.values() for secret in secrets_in(item)]
    found = str(value).partition("Canary")
    if found[1]:
        return [(found[1] + found[2]).partition("@")[0]]
    return [value] if value in ("739150", "864-208") else []


@pytest.mark.parametrize("module", API_MODULES)
def test_no_secret_is_logged_on_the_host_or_returned(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    logged: list[str] = []
    monkeypatch.setattr(AnsibleModule, "log", lambda _self, text, log_args=None: logged.append(f"{text} {log_args}"))
    shared = {"username": "admin", "password": canary(), "proxy": f"http://user:{canary()}@127.0.0.1:9"}
    shared |= {"api_key": canary(), "token": canary()}
    given = {"wait_timeout": 0, "wait_interval": 0} if "wabiz.onprem.waiting" in str(documentation(module)) else {}
    arguments = {**shared, **given, **SECRETS.get(module, {})}
    outputs = [run_module(module, diff=True, **arguments)]
    # Refused by Ansible itself, before anything of ours ran.
    outputs.append(run_module(module, **{**arguments, "retries": "many"}))
    assert outputs[0]["invocation"]["module_args"]["endpoints"]
    assert any("Invoked with" in text for text in logged)
    secrets = secrets_in(arguments)
    assert len(secrets) >= 4
    for secret in secrets:
        assert secret not in json.dumps(outputs), module
        assert secret not in " ".join(logged), module


LINE_BREAKS: dict[str, tuple[str, dict[str, Any]]] = {
    "api_key": ("health_info", {}),
    "token": ("shards_info", {}),
    "username": ("shards_info", {"password": "x"}),
    "password": ("shards_info", {"username": "admin"}),
    "new_password": ("token", {"username": "admin", "password": "x"}),
    "user_password": ("user", {"name": "messaging", "token": "a.b.c"}),
    "cert": ("shards", {**NUMBER, "shards": 2, "token": "a.b.c"}),
    "bearer": ("media_provider", {"name": "shop", "token": "a.b.c"}),
}


@pytest.mark.parametrize("option", LINE_BREAKS)
def test_a_secret_with_a_line_break_is_refused_by_name_before_anything_is_sent(
    run_module: RunModule, webapp: ScriptedServer, option: str
) -> None:
    module, arguments = LINE_BREAKS[option]
    result = run_module(module, **arguments, **{option: "Canary-9-Secret\n"})
    assert result["failed"]
    assert f"{option} ends with a line break" in result["msg"]
    assert "Canary" not in result["msg"]
    assert webapp.seen == []


def test_a_password_in_an_endpoint_is_hidden(run_module: RunModule) -> None:
    result = run_module("shards_info", endpoints=["https://admin:Canary-pw@web1.example.net"], token="a.b.c")
    assert "not an address of a webapp" in result["msg"]
    assert "Canary" not in json.dumps(result)


@pytest.mark.parametrize("number", ["9" * 5000, 10**20, "²", "2\n"])
def test_a_number_of_shards_that_is_none(run_module: RunModule, webapp: ScriptedServer, number: Any) -> None:
    webapp.expect(shards(number))
    assert "no number" in run_module("shards_info", token="a.b.c")["msg"]


@pytest.mark.parametrize("module", ["health_info", "webapp_ready"])
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"health": NaN}', b'{"health": 1e999}', b"\xff\xfe", b"x" * 20_000])
def test_odd_health_is_a_finding(run_module: RunModule, webapp: ScriptedServer, module: str, body: bytes) -> None:
    if module == "webapp_ready":
        webapp.expect(Step("GET", "/", 502, raw_answer=body))
        result = run_module(module, wait_timeout=0, wait_interval=0)
    else:
        webapp.expect(Step("GET", "/v1/health", raw_answer=body))
        result = run_module(module, token="a.b.c")
    assert result["failed"]
    assert webapp.address in result["msg"]
    assert len(result["msg"]) < 1000


def test_long_words_in_the_health_are_shortened(run_module: RunModule, webapp: ScriptedServer) -> None:
    long = "x" * 20_000
    error_of_node = {"code": 1011, "title": long, "details": long}
    nodes = {
        "a:1": {"gateway_status": long, "role": long},
        f"{long}:2": {"errors": [error_of_node] * 100},
    }
    webapp.expect(Step("GET", "/v1/health", answer={"health": nodes}))
    result = run_module("health_info", token="a.b.c", wait_for={"shards": 1}, wait_timeout=0, wait_interval=0)
    assert len(json.dumps(result)) < 40_000
    assert long not in json.dumps(result)
