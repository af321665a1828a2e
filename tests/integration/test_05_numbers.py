# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics, support information and garbage collection."""

from __future__ import annotations

import pytest

from tests.integration.webapps import Webapps, now
from tests.standin.cluster import docker

pytestmark = pytest.mark.docker

OLD_MESSAGES = 500


def add_old_messages(api: Webapps) -> None:
    """Put messages into the coreapps' database that were delivered long ago."""
    docker("exec", api.cluster.container("core1"), "standinctl", "seed-messages", str(OLD_MESSAGES))


def test_statistics(api: Webapps) -> None:
    """The API key is enough for all but the internal ones."""
    key_only = {"username": None, "password": None}
    found = api.good("stats_info", gather=["app", "db", "metrics"], **key_only)
    assert (found["messages"], found["large_database"]) == (0, False)
    assert len(found["stats"]["app"]) == 7
    assert any(name.startswith("core") and metrics for name, metrics in found["stats"]["app"].items())
    assert "web_uptime" in found["stats"]["metrics"]
    assert api.good("stats_info", gather=["app_internal", "db_internal"])["version"] == api.cluster.version
    assert "api_key" not in api.refused("stats_info", gather=["app_internal"], **key_only)["msg"]


def test_support(api: Webapps) -> None:
    found = api.good("support_info")
    assert found["days_left"] > 0
    assert found["version"] == api.cluster.version
    assert [node["host"] for node in found["nodes"]] == [*(f"core{n}" for n in range(1, 6)), "master1", "master2"]
    assert [[-1, -1], [0, 0]] in [node["shards"] for node in found["nodes"]]
    assert not any("env" in node or "db_info" in node for node in found["nodes"])


def test_message_gc(api: Webapps) -> None:
    add_old_messages(api)
    stamp = api.directory / "message_gc"
    order = {"only_above": OLD_MESSAGES // 2, "stamp_path": str(stamp), "wait_interval": 0.5}
    predicted = api.good("message_gc", check=True, **order)
    assert (predicted["changed"], predicted["messages_before"]) == (True, OLD_MESSAGES)
    assert not stamp.exists()
    begin = now()
    result = api.good("message_gc", **order)
    assert (result["changed"], result["runs"], result["messages_after"]) == (True, 1, 0)
    assert len(result["nodes"]) == 5
    assert [request.path for request in api.writes(begin)] == ["/v1/services/message/gc"]
    begin = now()
    small = api.good("message_gc", **order)
    assert (small["changed"], "not more than" in small["skipped_reason"]) == (False, True)
    add_old_messages(api)
    recent = api.good("message_gc", **order)
    assert (recent["changed"], "last run" in recent["skipped_reason"]) == (False, True)
    assert api.writes(begin) == []


def test_media_gc(api: Webapps) -> None:
    begin = now()
    assert api.good("media_gc", check=True)["changed"]
    assert api.writes(begin) == []
    room = api.good("media_gc", only_below_gb=0.0, path=str(api.directory))
    assert (room["changed"], "which is not less than 0" in room["skipped_reason"]) == (False, True)
    assert api.writes(begin) == []
    result = api.good("media_gc", only_below_gb=1e9, path=str(api.directory))
    assert (result["changed"], result["status"]) == (True, "processing")
    assert [request.path for request in api.writes(begin)] == ["/v1/services/media/gc"]
