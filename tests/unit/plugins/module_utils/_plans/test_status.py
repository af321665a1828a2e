# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.status import build, render


def container(number: str, **values: Any) -> dict[str, Any]:
    base = {"id": number, "name": f"wabiz-coreapp-{number}", "cluster": "wabiz", "node": "coreapp", "version": "2.57.2"}
    return {**base, "running": True, **values}


def health(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {
        "nodes": list(nodes),
        "version": "2.57.2",
        "summary": {
            "registered": True,
            "primary_master": "m1:3",
            "connected_coreapps": 1,
            "coreapps": 2,
            "masters": 2,
        },
    }


def said(number: str, **values: Any) -> dict[str, Any]:
    base = {"name": f"h:{number}", "host": "h", "container_id": number, "role": "coreapp", "errors": []}
    return {**base, "gateway_status": "connected", **values}


def reports(*containers: dict[str, Any]) -> dict[str, Any]:
    return {"h": {"engine": {"running": True}, "containers": list(containers)}}


def test_container_and_node_are_joined_by_id() -> None:
    view = build("wabiz", reports(container("1"), container("2", cluster="other")), health(said("1")))
    (node,) = view["nodes"]
    assert (node["container"], node["gateway"], node["state"]) == ("wabiz-coreapp-1", "connected", "running")


def test_a_node_that_no_host_runs_is_shown() -> None:
    view = build(
        "wabiz", reports(), health(said("9", gateway_status=None, errors=[{"code": 1014, "title": "Internal"}]))
    )
    (node,) = view["nodes"]
    assert node["state"] == "no such container on its host"
    assert node["errors"] == ["1014 Internal"]


def test_an_unreachable_host_and_a_silent_api_are_shown() -> None:
    view = build("wabiz", {"h": {"unreachable": True}}, {"failed": True, "msg": "refused"})
    text = "\n".join(render(view))
    assert "The API does not answer: refused" in text
    assert "unreachable" in text


def test_the_text_is_a_table() -> None:
    lines = render(build("wabiz", reports(container("1")), health(said("1"))))
    assert lines[1] == "registered; 1 of 2 coreapps connected; 2 masters, primary m1:3"
    heading, row = lines[-2:]
    assert heading.split() == ["HOST", "CONTAINER", "STATE", "VERSION", "ROLE", "GATEWAY", "NOTE"]
    assert row.split() == ["h", "wabiz-coreapp-1", "running", "2.57.2", "coreapp", "connected", "-"]
    assert heading.index("STATE") == row.index("running")


def test_what_an_administrator_is_told() -> None:
    found = {**reports(container("1"), container("2")), "m": {"engine": {"running": True}, "containers": []}}
    found["h"]["disk_free"] = 12_340_000_000
    nodes = [{"host": "h", "service": "coreapp", "name": f"wabiz-coreapp-{number}", "address": "h"} for number in "12"]
    told = [
        {"container_id": "1", "shards": [[-1, -1], [0, 0]], "free_space_media_incoming": 2_000_000_000},
        {"container_id": "2", "shards": [], "free_space_media_outgoing": 3_000_000_000},
    ]
    view = build(
        "wabiz",
        found,
        health(said("1"), said("2", gateway_status="disconnected")),
        {
            "topology": {"nodes": nodes},
            "shards": {"shards": 1},
            "support": {"nodes": told, "expires": "2026-12-24T00:00:00+00:00", "days_left": 32},
            "stats": {"messages": 2_000_001, "large_database": True},
            "settings": {"settings": {"heartbeat_interval": 2, "unhealthy_interval": 10}},
            "connections": ["37", "1200"],
        },
    )
    assert view["owners"] == {0: "h/wabiz-coreapp-1"}
    assert view["standbys"] == ["h/wabiz-coreapp-2"]
    assert view["survives"] == {"webapps": -1, "masters": -1, "coreapps": 0}
    assert view["survives_zones"] is None
    text = "\n".join(render(view))
    for line in (
        "1 shards, 1 served; standby: h/wabiz-coreapp-2",
        "expires on 2026-12-24, in 32 days",
        "2000001 messages in the database (large)",
        "Database connections: 37 of 1200",
        "2.0 GB free for media",
        "GB free for Docker: h 12.3",
        "connected     shard 0",
    ):
        assert line in text


def test_a_failed_answer_is_no_answer() -> None:
    failed = {"failed": True, "msg": "401"}
    view = build(
        "wabiz", reports(container("1")), health(said("1")), dict.fromkeys(("shards", "support", "stats"), failed)
    )
    assert (view["shards"], view["expires"], view["messages"], view["survives"]) == (None, None, None, None)


def test_zones_are_counted_by_what_answers() -> None:
    """The second coreapp, in another zone, does not run."""
    found = reports(container("1"), container("2", running=False))
    nodes = [
        {"host": "h", "service": "coreapp", "name": f"wabiz-coreapp-{number}", "address": number, "zone": f"r{number}"}
        for number in "12"
    ]
    more = {"topology": {"nodes": nodes}, "shards": {"shards": 1}}
    view = build("wabiz", found, health(said("1")), more)
    assert view["survives_zones"] == {"webapps": -1, "masters": -1, "coreapps": 0}
    (warning,) = view["warnings"]
    assert warning.startswith("zone r1: holds too much")
    assert warning in render(view)


SEEN: dict[str, Any] = {
    "w": {"engine": {"running": True}, "containers": [container("w", node="webapp", name="wabiz-webapp-1")]},
    "m": {"engine": {"running": True}, "containers": [container("m", node="master", name="wabiz-master-1")]},
    "h": {"engine": {"running": True}, "containers": [container("1")]},
    "i": {"engine": {"running": True}, "containers": [container("2")]},
    "j": {"engine": {"running": True}, "containers": [container("3")]},
    "lb": {"engine": {"running": False, "present": False}, "containers": []},
}
CLIENT = [
    said("m", name="m.test:m", host="m.test", role="primary_master", gateway_status="disconnected"),
    said("1", name="h.test:1", host="h.test"),
    said("2", name="i.test:2", host="i.test"),
    said("3", name="j.test:3", host="j.test", gateway_status="disconnected"),
]


def looked(seen: dict[str, Any]) -> dict[str, Any]:
    """A healthy cluster of 2 shards, of which these hosts were inspected."""
    services = {"w": "webapp", "m": "master", "h": "coreapp", "i": "coreapp", "j": "coreapp"}
    topology = {
        "services": {**{host: [service] for host, service in services.items()}, "lb": ["loadbalancer"]},
        "addresses": {host: f"{host}.test" for host in SEEN},
        "nodes": [
            {"host": host, "service": service, "name": SEEN[host]["containers"][0]["name"], "address": f"{host}.test"}
            for host, service in services.items()
        ],
    }
    shards = [{"container_id": number, "shards": [[shard, shard]]} for number, shard in (("1", 0), ("2", 1))]
    more = {"topology": topology, "shards": {"shards": 2}, "support": {"nodes": shards}}
    return build("wabiz", seen, health(*CLIENT), more)


def test_all_of_a_cluster_was_inspected() -> None:
    view = looked(SEEN)
    assert (view["not_inspected"], view["owners"]) == ([], {0: "h/wabiz-coreapp-1", 1: "i/wabiz-coreapp-2"})
    assert view["survives"] == {"webapps": 0, "masters": 0, "coreapps": 1} and view["failover_seconds"]
    assert "ot inspected" not in "\n".join(render(view))


def test_what_was_left_out_is_neither_missing_nor_without_service() -> None:
    """As with --limit: the client tells what the hosts that were not inspected serve."""
    view = looked({"w": SEEN["w"]})
    assert (view["owners"], view["standbys"]) == ({0: "h.test:1", 1: "i.test:2"}, ["j.test:3"])
    assert view["not_inspected"] == ["m", "h", "i", "j", "lb"]
    assert (view["survives"], view["survives_zones"], view["failover_seconds"]) == (None, None, None)
    assert [(node["host"], node["state"]) for node in view["nodes"]] == [
        ("w", "running"),
        ("lb", "not inspected"),
        *((node["host"], "not inspected") for node in CLIENT),
    ]
    assert [node["service"] for node in view["nodes"][2:]] == ["master", "coreapp", "coreapp", "coreapp"]
    lines = render(view)
    assert "2 shards, 2 served; standby: j.test:3" in lines
    assert "Not inspected: m, h, i, j, lb; so it is not known what the cluster survives" in lines
    assert not any("no such container" in line or "failover within" in line for line in lines)


@pytest.mark.parametrize(
    "silent", [{"unreachable": True}, {"engine": {"running": False, "present": True}, "containers": []}]
)
def test_a_host_that_does_not_answer_may_run_its_nodes(silent: dict[str, Any]) -> None:
    """Only SSH, or the engine, is silent; the container runs."""
    view = looked({**SEEN, "i": silent})
    assert view["owners"] == {0: "h/wabiz-coreapp-1", 1: "i.test:2"} and view["standbys"] == ["j/wabiz-coreapp-3"]
    assert (view["not_inspected"], view["survives"]) == (["i"], None)
    assert [node["state"] for node in view["nodes"] if node["host"] == "i.test"] == ["not inspected"]


def test_the_last_log_cleanup_of_each_host_is_told() -> None:
    job = {"schedule": "/cron", "result": "/result"}
    said: dict[str, Any] = {
        "h": {"began": "2026-03-01T03:17:00Z", "codes": {"wabiz-coreapp-1": 0}, "problem": ""},
        "i": {"began": "2026-03-01T03:18:00Z", "codes": {"wabiz-coreapp-1": 137, "wabiz-coreapp-2": "x"}},
        "j": {"codes": "spoiled by hand"},
    }
    found: dict[str, Any] = {
        host: {**reports()["h"], "records": {"/result": {"age": 90000, "content": content}}}
        for host, content in said.items()
    }
    found["k"] = {"unreachable": True}
    topology = {"nodes": [], "log_cleanup": dict.fromkeys("hijk", job)}
    view = build("wabiz", found, health(), {"topology": topology})
    assert view["log_cleanup"]["h"] == {"began": "2026-03-01T03:17:00Z", "days": 1, "failed": {}, "problem": ""}
    assert view["log_cleanup"]["j"] is None
    assert (
        "Last log cleanup: h 2026-03-01T03:17:00Z, i 2026-03-01T03:18:00Z (failed: wabiz-coreapp-1 (did not end in "
        "time); wabiz-coreapp-2 (code None)), j none"
    ) in render(view)


LOCK = {"holder": "anna", "purpose": "upgrade", "since": "1:00", "until": "3:00"}


@pytest.mark.parametrize(
    ("lock", "words"),
    [
        ({**LOCK, "expired": False}, "In use by anna for upgrade, since 1:00, until 3:00"),
        ({**LOCK, "purpose": "", "expired": True}, "The lock of anna expired at 3:00; that run did not finish"),
        ({"error": "not ours"}, "The lock on h cannot be read: not ours"),
    ],
)
def test_who_holds_the_lock_is_shown(lock: dict[str, Any], words: str) -> None:
    seen = {"gone": {"unreachable": True}, "h": {**reports()["h"], "lock": lock}}
    view = build("wabiz", seen, health())
    assert view["lock"] == {**lock, "host": "h"}
    assert words in render(view)


@pytest.mark.parametrize(
    ("lock", "words"),
    [
        ({}, "Left drained at the balancer by a run that ended early: h/wabiz-webapp-1. Run site.yml."),
        (
            {**LOCK, "expired": True},
            "Left drained at the balancer by a run that ended early: h/wabiz-webapp-1. Run site.yml.",
        ),
        ({**LOCK, "expired": False}, "Drained at the balancer while that run lasts: h/wabiz-webapp-1"),
    ],
)
def test_a_drained_webapp_is_shown_with_who_restores_it(lock: dict[str, Any], words: str) -> None:
    files = {f"wabiz-webapp-{number}": f"/etc/wabiz/wabiz/wabiz-webapp-{number}.drained" for number in (1, 2)}
    seen = {"h": {**reports()["h"], "lock": lock, "files": {files["wabiz-webapp-1"]: True}}, "i": {"unreachable": True}}
    view = build("wabiz", seen, health(), {"topology": {"nodes": [], "drained": {"h": files, "i": files}}})
    assert view["drained"] == [{"host": "h", "container": "wabiz-webapp-1"}]
    assert words in render(view)


def test_a_lock_that_no_run_holds_is_not_shown() -> None:
    view = build("wabiz", {"h": {**reports()["h"], "lock": {}}}, health())
    assert view["lock"] == {} and "lock" not in "\n".join(render(view))
    assert view["drained"] == [] and "rained" not in "\n".join(render(view))
