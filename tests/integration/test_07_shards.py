# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Multiconnect: the number of shards is changed with all checks, and the modules work as before."""

from __future__ import annotations

import subprocess

import pytest

from tests.integration.webapps import PHONE, Webapps
from tests.standin.cluster import docker

pytestmark = pytest.mark.docker


def test_refusals(api: Webapps) -> None:
    cert = api.canaries.values["cert"]
    assert "8 shards need as many running coreapps" in api.refused("shards", shards=8, cert=cert, **PHONE)["msg"]
    assert "requires the verified-name certificate" in api.refused("shards", shards=2, **PHONE)["msg"]
    assert api.good("shards_info")["shards"] == 1


def test_two_shards(api: Webapps) -> None:
    cert = api.canaries.values["cert"]
    result = api.settles("shards", shards=2, cert=cert, **PHONE)
    assert (result["shards"], result["previous_shards"], result["objections"]) == (2, 1, [])
    assert result["summary"]["connected_coreapps"] == 2
    found = api.good("shards_info")
    assert (found["shards"], found["version"]) == (2, api.cluster.version)


def test_a_failover_affects_one_shard(api: Webapps) -> None:
    victim, survivor = api.serve(2)["connected"]
    container = api.cluster.container(victim.partition(":")[0])
    with subprocess.Popen(["sh", "-c", f"sleep 1; docker kill {container}"], stdout=subprocess.DEVNULL):
        outage = api.good("outage_info", node=victim, shards=2, begin_timeout=30, wait_timeout=60)
    assert (outage["began"], outage["ended"]) == (True, True)
    assert 0 < outage["seconds"] < 60
    tolerant = {"coreapps": 4, "shards": 2, "max_errors": 1}
    connected = api.good("health_info", wait_for=tolerant)["summary"]["connected"]
    assert sorted(connected) == sorted([survivor, outage["successor"]])
    docker("start", container)
    api.serve(2)


def test_settings_in_multiconnect(api: Webapps) -> None:
    api.settles("application_settings", settings={"unhealthy_interval": 25})
    shards = [node["shards"] for node in api.good("support_info")["nodes"]]
    assert sorted(shards) == [[], [], [], [], [[-1, -1]], [[0, 0]], [[1, 1]]]
    snapshot = api.good("snapshot_info")
    assert (snapshot["shards"], snapshot["settings"]["unhealthy_interval"], snapshot["problems"]) == (2, 25, {})
    assert sorted(node["shards"] for node in snapshot["support"]["nodes"]) == sorted(shards)
    # There is no webapp at the first address.
    assert [found["ok"] for found in snapshot["webapps"]] == [False, *(True for _address in api.addresses)]
    assert all(found["certificate_until"] for found in snapshot["webapps"] if found["ok"])
    path = str(api.directory / "two-shards.json")
    password = api.canaries.values["backup_password"]
    assert api.settles("settings_backup", path=path, backup_password=password, replace=False)["shards"] == 2
