# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the API is reached, and what is missing for it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.access import access

SETTINGS = {"directory": "/etc/wabiz/wabiz", "api_key": "key", "admin_password": "Password-1"}
TOPOLOGY = {"keeper": "w1", "endpoints": ["https://w1:9090", "https://w2:9090"]}


def test_by_the_webapps_of_the_inventory() -> None:
    found = access(SETTINGS, TOPOLOGY)
    assert (found["host"], found["become"], found["unknown"]) == ("w1", True, "")
    assert found["options"] == {
        "endpoints": TOPOLOGY["endpoints"],
        "ca_path": "/etc/wabiz/wabiz/webapp-ca.pem",
        "server_hostname": None,
        "proxy": None,
        "api_key": "key",
        "username": "admin",
        "password": "Password-1",
    }


def test_while_keys_are_rotated_the_login_is_used() -> None:
    """Each webapp knows one of the two keys."""
    found = access(SETTINGS, {**TOPOLOGY, "playbook": "rotate_secrets"})
    assert (found["options"]["api_key"], found["options"]["password"], found["unknown"]) == (None, "Password-1", "")


def test_as_the_variables_say() -> None:
    given = {"api_delegate_to": "localhost", "api_endpoints": ["https://api:443"], "api_ca_path": "/ca.pem"}
    found = access({**SETTINGS, **given, "api_proxy": "http://p:3128", "api_server_hostname": "web"}, TOPOLOGY)
    assert (found["host"], found["become"]) == ("localhost", False)
    options = found["options"]
    assert (options["endpoints"], options["ca_path"]) == (["https://api:443"], "/ca.pem")
    assert (options["proxy"], options["server_hostname"]) == ("http://p:3128", "web")


@pytest.mark.parametrize(
    ("settings", "endpoints", "named"),
    [
        ({}, [], ["wabiz_groups", "wabiz_api_endpoints"]),
        ({"api_key": None}, ["https://w1:9090"], ["wabiz_api_key"]),
        ({"api_key": None}, [], ["wabiz_groups", "wabiz_api_endpoints", "wabiz_api_key"]),
        ({"api_endpoints": ["https://api:443"]}, [], []),
    ],
)
def test_what_is_missing_is_named(settings: dict[str, Any], endpoints: list[str], named: list[str]) -> None:
    unknown = access({**SETTINGS, **settings}, {"keeper": "c1", "endpoints": endpoints})["unknown"]
    assert [name for name in ("wabiz_groups", "wabiz_api_endpoints", "wabiz_api_key") if name in unknown] == named
    assert bool(unknown) == bool(named)
