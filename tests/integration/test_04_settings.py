# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings, profile, media providers, PIN and certificates: changed once, unchanged by a second run."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import issue

from tests.integration.webapps import PHONE, Webapps, now
from tests.standin.cluster import NUMBER

pytestmark = pytest.mark.docker


def test_application_settings(api: Webapps) -> None:
    before = api.good("application_settings_info")["settings"]
    wanted = {
        "callback_backoff_delay_ms": 4000,
        "unhealthy_interval": 20,
        "media": {"auto_download": ["voice", "image"]},
        "webhooks": {
            "url": f"https://user:{api.secret('webhook_password', 'Canary-9-hook')}@hooks.example.net/x",
            "max_concurrent_requests": 12,
            "message_events": {"sent": True, "delivered": True, "read": False},
        },
    }
    result = api.settles("application_settings", settings=wanted)
    assert result["restart_required"] == ["coreapp"]
    assert result["restart_unknown"] == ["unhealthy_interval"]
    after = api.good("application_settings_info")
    assert after["settings"] == result["settings"]
    assert after["settings"]["webhooks"]["message"] == wanted["webhooks"]["message_events"]  # type: ignore[index]
    assert after["version"] == api.cluster.version
    predicted = api.good("application_settings", state="reset", check=True)
    reset = api.good("application_settings", state="reset")
    assert set(result["changed_fields"]) <= set(reset["changed_fields"])
    # Documented defaults only: the rest of a reset cannot be predicted.
    assert {"unhealthy_interval", "webhooks.url"} <= set(predicted["changed_fields"]) <= set(reset["changed_fields"])
    assert api.good("application_settings_info")["settings"] == before
    assert not api.good("application_settings", state="reset")["changed"]


def test_settings_that_the_client_would_refuse_are_not_sent(api: Webapps) -> None:
    plain = api.refused("application_settings", settings={"webhooks": {"url": "http://hooks.example.net"}})
    assert "https" in plain["msg"]
    assert "pass_through" in api.refused("application_settings", settings={"pass_through": True})["msg"]
    unknown = api.run("application_settings", settings={}, extra={"no_such_setting": 1})
    assert (unknown["error"]["status"], unknown["error"]["code"]) == (400, 1010)


def test_business_profile(api: Webapps) -> None:
    profile: dict[str, Any] = {
        "description": "Flowers, delivered before noon",
        "email": "hello@example.net",
        "websites": ["https://www.example.net"],
        "about": "We answer within the hour.",
        "compliance": {
            "entity_name": "Example",
            "grievance_officer_details": {"name": "Jo", "email": "jo@example.net"},
        },
    }
    assert "about" in api.settles("business_profile", **profile)["changed_fields"]
    one = api.settles("business_profile", email="shop@example.net")
    assert one["changed_fields"] == ["email"]
    assert api.good("business_profile", **{**profile, "email": "shop@example.net"})["changed"] is False


def test_media_providers(api: Webapps) -> None:
    bearer = {"name": "pictures", "bearer": api.secret("bearer", "Canary-9-bearer")}
    basic = {"name": "films", "basic_username": "films", "basic_password": api.secret("basic", "Canary-9-basic")}
    assert api.settles("media_provider", **bearer)["providers"] == ["pictures"]
    assert api.settles("media_provider", **basic)["providers"] == ["films", "pictures"]
    bearer["bearer"] = api.secret("other_bearer", "Canary-9-other-bearer")
    api.settles("media_provider", **bearer)
    assert api.settles("media_provider", name="films", state="absent")["providers"] == ["pictures"]


def test_two_step_verification(api: Webapps) -> None:
    """WhatsApp insists on the PIN while it is set; each run sends it, as the client cannot be asked."""
    pin = api.canaries.values["pin"]
    predicted = api.good("two_step_verification", pin=pin, check=True, diff=True)
    assert predicted == api.good("two_step_verification", pin=pin, diff=True)
    assert api.good("two_step_verification", pin=pin)["changed"]
    cert = api.canaries.values["cert"]
    denied = api.run("shards", shards=2, cert=cert, **PHONE)
    assert (denied["error"]["status"], denied["error"]["code"]) == (403, 1005)
    assert not api.good("two_step_verification", state="absent")["pin_set"]


def test_the_webhook_servers_ca(api: Webapps) -> None:
    ca = api.directory / "webhook_ca.pem"
    ca.write_text(issue("Webhook CA", ca=True).pem + issue("Old webhook CA", ca=True).pem)
    result = api.settles("certificate", kind="webhook_ca", path=str(ca))
    assert (len(result["certificates"]), result["restart_required"]) == (2, ["coreapp"])
    assert api.settles("certificate", kind="webhook_ca", state="absent")["restart_required"] == ["coreapp"]


def test_the_webapps_certificate(api: Webapps) -> None:
    """It is uploaded until every webapp presents it, that is, until all were restarted."""
    intermediate = issue("Intermediate", api.authority, ca=True)
    server = issue("waweb.example.net", intermediate, addresses=("127.0.0.1",))
    key = api.secret("webapp_key", server.key_pem.splitlines()[1])
    refused = api.refused("certificate", kind="external", content=server.pem + intermediate.pem)
    assert "private key" in refused["msg"]
    pem = server.key_pem + server.pem + intermediate.pem
    assert key in pem
    upload = {"kind": "external", "content": pem, "endpoints": api.addresses}
    predicted = api.good("certificate", check=True, diff=True, **upload)
    result = api.good("certificate", diff=True, **upload)
    assert predicted == result
    assert (result["changed"], result["restart_required"]) == (True, ["webapp"])
    assert api.good("certificate", **upload)["changed"]
    api.restart()
    begin = now()
    again = api.good("certificate", **{**upload, "endpoints": api.addresses})
    assert (again["changed"], again["restart_required"]) == (False, [])
    assert api.writes(begin) == []


def test_backup(api: Webapps) -> None:
    """The file is private; with replace=false it is written once."""
    path = api.directory / "backup.json"
    password = api.canaries.values["backup_password"]
    result = api.settles("settings_backup", path=str(path), backup_password=password, replace=False)
    assert (result["shards"], result["version"]) == (1, api.cluster.version)
    assert path.stat().st_mode & 0o777 == 0o600
    first = path.read_text()
    assert NUMBER[1] not in first
    assert password not in first
    assert api.good("settings_backup", path=str(path), backup_password=password)["changed"]
    assert path.read_text() != first
