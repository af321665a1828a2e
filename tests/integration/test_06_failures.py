# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""High availability: the failure of a coreapp or a webapp is detected and reported, and the service continues."""

from __future__ import annotations

import pytest

from tests.integration.webapps import PHONE, Webapps
from tests.standin.cluster import docker

pytestmark = pytest.mark.docker


def test_a_killed_coreapp_is_reported_and_replaced(api: Webapps) -> None:
    connected = api.serve(1)["connected"][0].partition(":")[0]
    docker("kill", api.cluster.container(connected))
    failed = api.run("health_info", wait_for={"coreapps": 5, "shards": 1}, wait_timeout=0)
    assert failed["failed"]
    assert connected in failed["msg"]
    tolerant = {"coreapps": 4, "shards": 1, "max_errors": 1}
    assert connected not in str(api.good("health_info", wait_for=tolerant)["summary"]["connected"])
    cert = api.canaries.values["cert"]
    refused = api.refused("shards", shards=2, cert=cert, **PHONE)
    assert connected in refused["msg"]
    docker("start", api.cluster.container(connected))
    api.serve(1)


def test_the_modules_work_without_one_of_the_webapps(api: Webapps) -> None:
    docker("stop", "-t", "1", api.cluster.container("web1"))
    assert api.good("health_info")["summary"]["registered"]
    assert not api.good("business_profile", email="shop@example.net")["changed"]
    docker("start", api.cluster.container("web1"))
    api.look_up()
    api.good("webapp_ready", endpoints=api.addresses[:1])
