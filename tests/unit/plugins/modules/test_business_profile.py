# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""business_profile against a scripted webapp."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

PROFILE = "/v1/settings/business/profile"
ABOUT = "/v1/settings/profile/about"
COMPLIANCE = "/v1/settings/business/compliance_info"
NOW = {"address": "Main street 1", "email": "a@example.net", "websites": ["https://a.example.net"]}


def get_profile(version: str = "v2.57.2") -> Step:
    """Return the question for the profile and its answer."""
    return Step("GET", PROFILE, answer={"settings": {"business": {"profile": NOW}}, "meta": {"version": version}})


def get_about(text: str) -> Step:
    """Return the question for the text and its answer."""
    return Step("GET", ABOUT, answer={"settings": {"profile": {"about": {"text": text}}}})


@pytest.mark.parametrize("check", [False, True])
def test_sends_what_differs(run_module: RunModule, webapp: ScriptedServer, check: bool) -> None:
    sent = Step("POST", PROFILE, raw_answer=b"null", payload={"email": "b@example.net"})
    told = Step("PATCH", ABOUT, payload={"text": "new"})
    webapp.expect(get_profile(), *([] if check else [sent]), get_about("old"), *([] if check else [told]))
    given = {"address": NOW["address"], "email": "b@example.net", "about": "new"}
    result = run_module("business_profile", check=check, diff=True, token="a.b.c", **given)
    assert result["changed_fields"] == ["email", "about"]
    assert result["diff"] == {
        "before": {"email": "a@example.net", "about": "old"},
        "after": {"email": "b@example.net", "about": "new"},
    }


def test_nothing_differs(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get_profile(), get_about("hello"))
    given = {"websites": ["https://a.example.net"], "about": "hello"}
    assert not run_module("business_profile", token="a.b.c", **given)["changed"]


def test_old_versions_get_all_fields(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(get_profile("2.21.6"), Step("POST", PROFILE, payload={**NOW, "email": "b@example.net"}))
    assert run_module("business_profile", token="a.b.c", email="b@example.net")["changed"]


def test_a_profile_that_was_never_set(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(404, "GET", PROFILE, 1006), Step("POST", PROFILE, payload={"vertical": "Other"}))
    assert run_module("business_profile", token="a.b.c", vertical="Other")["changed"]


def test_compliance_is_completed(run_module: RunModule, webapp: ScriptedServer) -> None:
    now = {"entity_name": "Shop", "is_registered": False, "customer_care_details": {"email": "c@example.net"}}
    answer = {"settings": {"business": {"compliance_info": {**now, "meta": {"version": "2.38.0"}}}}}
    payload = {**now, "customer_care_details": {"email": "d@example.net"}}
    webapp.expect(Step("GET", COMPLIANCE, answer=answer), Step("POST", COMPLIANCE, payload=payload))
    given: dict[str, Any] = {"customer_care_details": {"email": "d@example.net"}}
    result = run_module("business_profile", token="a.b.c", compliance=given)
    assert result["changed_fields"] == ["compliance.customer_care_details.email"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"about": "x" * 140},
        {"address": "x" * 257},
        {"websites": ["ftp://a.example.net"]},
        {"websites": ["https://a", "https://b", "https://c"]},
        {},
    ],
)
def test_refuses(run_module: RunModule, arguments: dict[str, Any]) -> None:
    assert run_module("business_profile", token="a.b.c", **arguments)["failed"]
