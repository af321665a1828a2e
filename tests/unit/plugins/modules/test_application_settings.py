# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""application_settings and application_settings_info against a scripted webapp."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import META
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

PATH = "/v1/settings/application"
NOW: dict[str, Any] = {
    "callback_backoff_delay_ms": "3000",
    "callback_persist": True,
    "heartbeat_interval": 5,
    "media": {"auto_download": ["video", "image"]},
    "pass_through": False,
    "unhealthy_interval": 30,
    "webhooks": {"max_concurrent_requests": 6, "url": ""},
    "wa_id": "4915112345678",
}


def get(settings: dict[str, Any] | None = None, **changes: Any) -> Step:
    """Return the question for the settings and its answer."""
    return Step("GET", PATH, answer={"settings": {"application": {**(settings or NOW), **changes}}, "meta": META})


def patch(payload: dict[str, Any]) -> Step:
    """Return a successful change."""
    return Step("PATCH", PATH, answer={"meta": META}, payload=payload)


def test_reads(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get())
    assert run_module("application_settings_info", token="a.b.c")["settings"] == NOW


def test_sends_only_what_differs(run_module: RunModule, webapp: ScriptedServer) -> None:
    after = {"max_concurrent_requests": 12, "url": "https://hooks.example.net"}
    webapp.expect(
        get(), patch({"webhooks": after, "unhealthy_interval": 20}), get(webhooks=after, unhealthy_interval=20)
    )
    wanted = {"webhooks": after, "unhealthy_interval": 20, "heartbeat_interval": 5, "callback_backoff_delay_ms": 3000}
    result = run_module("application_settings", diff=True, token="a.b.c", settings=wanted)
    assert result["changed_fields"] == ["unhealthy_interval", "webhooks.max_concurrent_requests", "webhooks.url"]
    assert result["restart_required"] == ["coreapp"]
    assert result["restart_unknown"] == ["unhealthy_interval"]
    assert result["diff"]["before"] == {
        "unhealthy_interval": 30,
        "webhooks.max_concurrent_requests": 6,
        "webhooks.url": "",
    }
    assert result["diff"]["after"]["unhealthy_interval"] == 20


def test_message_events_travel_under_the_name_of_the_api(run_module: RunModule, webapp: ScriptedServer) -> None:
    events = {"sent": True, "read": False}
    webapp.expect(get(), patch({"webhooks": {"message": events}}), get(webhooks={**NOW["webhooks"], "message": events}))
    result = run_module("application_settings", token="a.b.c", settings={"webhooks": {"message_events": events}})
    assert result["changed_fields"] == ["webhooks.message.read", "webhooks.message.sent"]


def test_check_mode_predicts(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get())
    result = run_module("application_settings", check=True, token="a.b.c", settings={"callback_persist": False})
    assert result["changed"]
    assert result["settings"] == {**NOW, "callback_persist": False}


def test_nothing_to_do_makes_no_call(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get())
    wanted = {
        "media": {"auto_download": ["image", "video"]},
        "callback_backoff_delay_ms": 3000,
        "webhooks": {"url": ""},
    }
    result = run_module("application_settings", token="a.b.c", settings=wanted)
    assert (result["changed"], result["changed_fields"], result["restart_required"]) == (False, [], [])


def test_a_setting_shown_only_after_a_restart_is_no_error(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get(), patch({"callback_persist": False}), get())
    result = run_module("application_settings", token="a.b.c", settings={"callback_persist": False})
    assert (result["changed"], result["restart_required"]) == (True, ["coreapp"])


def test_a_setting_that_the_client_ignores_is_an_error(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get(), patch({"new_thing": 7}), get())
    result = run_module("application_settings", token="a.b.c", settings={}, extra={"new_thing": 7})
    assert "did not take over new_thing" in result["msg"]


def test_reset_reports_what_came_of_it(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get(unhealthy_interval=20), Step("DELETE", PATH), get())
    result = run_module("application_settings", token="a.b.c", state="reset")
    assert result["changed_fields"] == ["unhealthy_interval"]


def test_reset_without_effect_is_no_change(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get(), Step("DELETE", PATH, raw_answer=b"null"), get())
    assert not run_module("application_settings", token="a.b.c", state="reset")["changed"]


@pytest.mark.parametrize(("interval", "changed"), [(20, True), (30, False)])
def test_reset_in_check_mode_knows_documented_defaults(
    run_module: RunModule, webapp: ScriptedServer, interval: int, changed: bool
) -> None:
    webapp.expect(get(unhealthy_interval=interval))
    assert run_module("application_settings", check=True, token="a.b.c", state="reset")["changed"] is changed


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"webhooks": {"url": "http://hooks.example.net"}}, "https://"),
        ({"heartbeat_interval": 0}, "more than 0"),
        ({"pass_through": True}, "cannot be switched on"),
    ],
)
def test_refuses(run_module: RunModule, webapp: ScriptedServer, wanted: dict[str, Any], words: str) -> None:
    webapp.expect(get())
    assert words in run_module("application_settings", token="a.b.c", settings=wanted)["msg"]


@pytest.mark.parametrize("wanted", [{"webhooks": {"max_concurrent_requests": 7}}, {"no_such_setting": 1}])
def test_refuses_before_asking(run_module: RunModule, wanted: dict[str, Any]) -> None:
    assert run_module("application_settings", token="a.b.c", settings=wanted)["failed"]


def test_not_the_primary_master_is_asked_again(run_module: RunModule, webapp: ScriptedServer) -> None:
    body: dict[str, Any] = {"callback_persist": False}
    webapp.expect(get(), error(503, "PATCH", PATH, 1017), patch(body), get(**body))
    assert run_module("application_settings", token="a.b.c", settings=body, retries=1)["changed"]


def test_a_password_in_the_webhook_address_is_not_shown(run_module: RunModule, webapp: ScriptedServer) -> None:
    webhooks = {"url": "https://hook:S3cretPart@hooks.example.net", "max_concurrent_requests": 6}
    webapp.expect(get(webhooks=webhooks), get(webhooks=webhooks))
    assert "S3cretPart" not in str(run_module("application_settings_info", token="a.b.c"))
    given = {"webhooks": {"url": webhooks["url"]}}
    assert "S3cretPart" not in str(run_module("application_settings", diff=True, token="a.b.c", settings=given))
