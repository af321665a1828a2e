# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh cluster: health, first password, users, and refusals before a number is registered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.webapps import PHONE, Webapps
from tests.standin.cluster import PASSWORD

pytestmark = pytest.mark.docker

OTHER_PASSWORD = "0ther-Passw0rd"


def test_health_before_registration(api: Webapps) -> None:
    assert api.good("webapp_ready")["polls"] == 1
    expected = {"masters": 2, "coreapps": 5, "shards": 1, "registered": False}
    result = api.good("health_info", wait_for=expected)
    assert result["version"] == api.cluster.version
    assert result["summary"]["statuses"] == {"unregistered": 1}
    assert len(result["nodes"]) == 7


def test_the_first_password(api: Webapps) -> None:
    first: dict[str, Any] = {"username": "admin", "password": "secret"}
    assert api.run("token", **first)["error"]["code"] == 1024
    predicted = api.good("token", check=True, diff=True, new_password=PASSWORD, **first)
    assert api.run("token", **first)["error"]["code"] == 1024
    changed = api.good("token", diff=True, new_password=PASSWORD, **first)
    assert {**predicted, "token": changed["token"], "expires_after": changed["expires_after"]} == changed
    assert changed["password_changed"]
    again = api.good("token", new_password=PASSWORD, **first)
    assert (again["changed"], again["password_changed"]) == (False, False)


def test_a_token_opens_what_a_password_opens_until_it_is_revoked(api: Webapps) -> None:
    token = api.good("token")["token"]
    bearer = {"token": token, "username": None, "password": None, "api_key": None}
    assert api.good("user_info", name="admin", **bearer)["user"] == {"name": "admin", "role": "ROLE_ADMIN"}
    assert api.good("token", state="absent", check=True, **bearer)["changed"]
    assert api.good("token", state="absent", **bearer)["changed"]
    assert not api.good("token", state="absent", **bearer)["changed"]
    assert api.refused("user_info", name="admin", **bearer)["status"] == 401


def test_users(api: Webapps) -> None:
    user = {"name": "messaging", "user_password": api.secret("user_password", "Canary-9-first")}
    assert api.settles("user", **user)["user"] == {"name": "messaging", "role": "ROLE_USER"}
    assert api.good("user_info", name="messaging")["exists"]
    user["user_password"] = api.secret("other_user_password", OTHER_PASSWORD)
    api.settles("user", **user)
    denied = api.refused("user_info", name="admin", username="messaging", password=OTHER_PASSWORD)
    assert (denied["status"], denied["code"]) == (403, 1005)
    api.settles("user", name="messaging", state="absent")
    assert not api.good("user_info", name="messaging")["exists"]


def test_a_wrong_key_or_password_fails_at_once(api: Webapps) -> None:
    assert api.refused("health_info", api_key="not-the-key-of-this", wait_for={}, wait_timeout=600)["status"] == 401
    assert api.refused("user_info", name="admin", password=OTHER_PASSWORD)["status"] == 401


def test_calls_that_need_a_number_are_refused_before_anything_is_sent(api: Webapps) -> None:
    pin = api.secret("pin", "739150")
    assert "registered" in api.refused("shards", shards=2, cert="Q2FuYXJ5IG5hbWU=", **PHONE)["msg"]
    assert "registered" in api.refused("two_step_verification", pin=pin)["msg"]
    password = api.secret("backup_password", "Canary-9-backup")
    path = str(api.directory / "too-early.json")
    assert "registered" in api.refused("settings_backup", path=path, backup_password=password)["msg"]
