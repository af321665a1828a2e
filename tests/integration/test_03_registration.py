# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A number is registered once, with a code, and never again by mistake."""

from __future__ import annotations

import pytest

from tests.integration.webapps import PHONE, Webapps, now

pytestmark = pytest.mark.docker


def test_registration(api: Webapps) -> None:
    number = "".join(PHONE.values())
    vname = api.secret("cert", api.cluster.standinctl("cert", number))
    refused = api.run("registration", cert="bm90IGEgY2VydGlmaWNhdGU=", **PHONE)
    assert (refused["error"]["status"], refused["error"]["code"]) == (403, 1005)
    predicted = api.good("registration", check=True, diff=True, cert=vname, **PHONE)
    asked = api.good("registration", diff=True, cert=vname, **PHONE)
    assert {**predicted, "vname": "Standin Business"} == asked
    assert (asked["changed"], asked["code_sent"], asked["registered"]) == (True, True, False)
    code = api.secret("code", api.cluster.standinctl("code", number))
    assert api.settles("registration", code=code, **PHONE)["registered"]
    begin = now()
    assert not api.good("registration", cert=vname, **PHONE)["changed"]
    assert api.writes(begin) == []


def test_health_after_registration(api: Webapps) -> None:
    summary = api.serve(1, registered=True, hosts=["master1", "core1", "core5"])
    assert (summary["connected_coreapps"], summary["failing"]) == (1, [])
    assert api.good("shards_info")["shards"] == 1
