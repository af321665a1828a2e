# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an upgrade did, and what HAProxy counted meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.balancer_requests import requests
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.report import report

HEAD = "# pxname,svname,stot,econ,eresp,wretr,wredis,hrsp_5xx,cli_abrt,srv_abrt,\n"


def statistics(**rows: tuple[int, ...]) -> str:
    """What HAProxy answers, with a frontend and a foreign backend around the servers."""
    lines = [f"webapps,{name},{','.join(map(str, values))}," for name, values in rows.items()]
    return HEAD + "\n".join(["api,FRONTEND,9,,,,,9,9,9,", *lines, "other,BACKEND,9,9,9,9,9,9,9,9,"]) + "\n\n"


def plan(**values: Any) -> dict[str, Any]:
    nodes = [
        {
            "host": host,
            "name": f"wabiz-{service}-1",
            "service": service,
            "id": host,
            "version": "2.55.1",
            "state": "changed",
        }
        for host, service in (("web1", "webapp"), ("core1", "coreapp"), ("core2", "coreapp"))
    ]
    base = {"version": "2.57.2", "previous_versions": ["2.55.1"], "nodes": nodes, "predicted_seconds": 60.0}
    return {**base, **values}


def running(**versions: str) -> dict[str, Any]:
    services = {"web1": "webapp", "core1": "coreapp", "core2": "coreapp"}
    return {
        host: {"containers": [{"name": f"wabiz-{services[host]}-1", "version": version, "running": True}]}
        for host, version in versions.items()
    }


def event(host: str, service: str = "coreapp", seconds: float = 20, **values: Any) -> dict[str, Any]:
    return {"host": host, "name": f"wabiz-{service}-1", "seconds": seconds, **values}


ALL_NEW = running(web1="2.57.2", core1="2.57.2", core2="2.57.2")


def test_nodes_shards_and_migration() -> None:
    events = [
        event("web1", "webapp", 31.04),
        event("core1", outage_seconds=5.51, shard=0),
        event("core2", outage_seconds=4.2),
    ]
    found = report(plan(), ALL_NEW, events, 412.46, migration_seconds=58.9)
    assert found["complete"] and found["seconds"] == 412.5
    assert found["nodes"][0] | {"before": "2.55.1", "after": "2.57.2", "seconds": 31.04} == found["nodes"][0]
    assert found["shards"] == {"0": 5.5, "of core2/wabiz-coreapp-1": 4.2}
    assert found["shard_seconds_max"] == 5.5
    text = "\n".join(found["text"])
    for words in (
        "2.55.1 -> 2.57.2 in 412 s",
        "at most 5.5 s",
        "58.9 s, predicted 60 s",
        "not counted (no balancer of this collection)",
    ):
        assert words in text
    assert json.loads(json.dumps(found)) == found


def test_one_shard_that_moves_twice_has_two_outages() -> None:
    events = [event("core1", outage_seconds=5, shard="1"), event("core2", outage_seconds=4, shard="1")]
    assert report(plan(), ALL_NEW, events, 1)["shards"] == {"1": 9.0}


def test_a_run_that_did_not_finish_says_so() -> None:
    after = running(web1="2.57.2", core1="2.55.1", core2="2.57.2")
    after["core2"]["containers"][0]["running"] = False
    found = report(plan(predicted_seconds=None), after, [], 10, migration_seconds=3)
    assert not found["complete"] and found["text"][0].startswith("NOT COMPLETE")
    assert [node["after"] for node in found["nodes"]] == ["2.57.2", "2.55.1", ""]
    assert "Without service: no shard." in found["text"]
    assert found["text"][-1] == "Migration of the schema: 3.0 s."


def test_what_the_balancers_counted_meanwhile() -> None:
    before = {
        "lb1": statistics(a=(100, 1, 0, 2, 0, 3, 0, 0), BACKEND=(200, 1, 0, 2, 0, 4, 0, 0)),
        "lb2": statistics(a=(900, 9, 9, 9, 9, 9, 9, 9), BACKEND=(900, 9, 9, 9, 9, 9, 9, 9)),
    }
    after = {
        "lb1": statistics(a=(150, 1, 0, 3, 1, 5, 1, 0), BACKEND=(300, 3, 1, 4, 1, 6, 2, 0)),
        # Restarted meanwhile.
        "lb2": statistics(a=(10, 0, 0, 0, 0, 0, 0, 0), BACKEND=(10, 0, 0, 0, 0, 1, 0, 0)),
    }
    found = requests(before, after)
    assert found is not None
    assert (found["total"], found["failed"], found["retried"]) == (110, 3, 3)
    assert found["by"] == {"hrsp_5xx": 3, "econ": 2, "eresp": 1, "srv_abrt": 0, "cli_abrt": 2}
    assert found["per_server"]["a"]["stot"] == 60
    text = report(plan(), ALL_NEW, [], 1, before, after)["text"]
    line = next(line for line in text if line.startswith("Requests through the balancer: 110, "))
    assert "answered 5xx or not at all 3 (hrsp_5xx 3, econ 2, eresp 1, cli_abrt 2), " in line


@pytest.mark.parametrize(("econ", "answered_5xx", "failed"), [(2, 2, 2), (2, 0, 2), (0, 3, 3), (0, 0, 0)])
def test_a_failure_is_counted_once(econ: int, answered_5xx: int, failed: int) -> None:
    """HAProxy answers 503 itself where it found no server; where it could not, only the connection error is left."""
    before = {"lb1": statistics(BACKEND=(0,) * 8)}
    found = requests(before, {"lb1": statistics(BACKEND=(9, econ, 0, 0, 0, answered_5xx, 0, 0))})
    assert found is not None and found["failed"] == failed


def test_without_a_balancer_nothing_is_claimed() -> None:
    assert requests(None, {}) is None
    assert requests({}, {"lb1": statistics(BACKEND=(1,) * 8)}) is None


def test_what_runs_in_the_background_is_reported() -> None:
    started = {"host": "web1", "container": "wabiz-webapp-1", "unit": "wabiz-media-ownership"}
    last = report(plan(), ALL_NEW, [], 60, ownership=started)["text"][-1]
    assert "On web1: systemctl status wabiz-media-ownership" in last and "journalctl -u wabiz-media-ownership" in last
    assert not [line for line in report(plan(), ALL_NEW, [], 60)["text"] if "background" in line]
