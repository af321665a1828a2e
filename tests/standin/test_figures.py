"""Every documented figure is there from the start, and counts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.standin.cluster import API_KEY
from tests.standin.small_cluster import SmallCluster, small_cluster

PAIRS = ("_count", "_sum")
# As documented: client-api.md, 9.1 and 9.4.
APP = {
    *("callback_queue_size", "callback_requests", "concurrent_rate_limit_triggered", "endpoint_requests"),
    *("in_message_decoded", "in_message_from_server", "in_message_persisted", "in_messages_pending_processing"),
    *("media_downloads", "media_uploads", "out_message_persisted", "out_message_status"),
    *("pending_callbacks", "pending_messages"),
    *(f"callback_requests_duration_ms{end}" for end in PAIRS),
    *(f"db_request_duration_us{end}" for end in PAIRS),
    *(f"db_request_error_duration_us{end}" for end in PAIRS),
    *(f"endpoint_requests_duration_ms{end}" for end in PAIRS),
    *(f"internal_server_conn_duration_ms{end}" for end in PAIRS),
    *(f"internal_server_requests_duration_ms{end}" for end in PAIRS),
    *(f"out_message_sent_duration_ms{end}" for end in PAIRS),
}
WEB = {
    *("web_uptime", "web_pending_connections", "web_max_pending_connections", "web_queue_len", "web_idle_processes"),
    *("web_connections", "web_total_processes", "web_process_limit_hit", "web_handled_requests", "web_out_kbytes"),
    "web_requests",
    *(f"api_requests_duration_ms{end}" for end in PAIRS),
    *(f"api_requests_db_duration_ms{end}" for end in PAIRS),
    *(f"api_requests_coreapp_duration_ms{end}" for end in PAIRS),
}


@pytest.fixture
def cluster(tmp_path: Any) -> Iterator[SmallCluster]:
    """One in which nothing has happened yet."""
    with small_cluster(tmp_path) as running:
        yield running


def app(cluster: SmallCluster) -> dict[str, Any]:
    """The figures of its only node."""
    (found,) = cluster.call("GET", "/v1/stats/app").body["stats"]["app"].values()
    return dict(found)


def total(metric: dict[str, Any]) -> float:
    """The sum over all labels."""
    return sum(point["value"] for point in metric["data"])


def test_figures_of_a_node(cluster: SmallCluster) -> None:
    """All from the start, 0 where nothing has happened; the node's own server counts requests and connections."""
    first = app(cluster)
    assert set(first) == APP
    assert all(metric["data"] for metric in first.values())
    for name in ("callback_requests", "media_uploads", "out_message_status", "db_request_error_duration_us_sum"):
        assert first[name]["data"] == [{"labels": {}, "value": 0}]
        assert first[name]["type"] == "counter"
    second = app(cluster)
    assert total(second["internal_server_requests_duration_ms_count"]) >= 1
    assert total(second["internal_server_requests_duration_ms_sum"]) > 0
    assert total(second["internal_server_conn_duration_ms_count"]) == 0
    cluster.close(cluster.backend.peers)
    assert total(app(cluster)["internal_server_conn_duration_ms_count"]) >= 1


def test_figures_of_a_webapp(cluster: SmallCluster) -> None:
    """All of them with the webapp's name; requests, database work and calls to nodes count."""
    first = cluster.call("GET", "/metrics", auth=f"Apikey {API_KEY}").body["metrics"]
    assert set(first) == WEB
    assert all("node" in point["labels"] for metric in first.values() for point in metric["data"])
    assert total(first["web_process_limit_hit"]) == 0
    before = total(first["api_requests_coreapp_duration_ms_count"])
    cluster.call("GET", "/v1/health")
    second = cluster.call("GET", "/metrics").body["metrics"]
    assert total(second["api_requests_coreapp_duration_ms_count"]) == before + 1
    assert total(second["api_requests_db_duration_ms_count"]) > total(first["api_requests_db_duration_ms_count"])
    labels = [point["labels"] for point in second["api_requests_coreapp_duration_ms_sum"]["data"]]
    assert all(entry["app"].startswith("127.0.0.1:") for entry in labels)


@pytest.mark.parametrize("path", ["/v1/stats/app", "/metrics"])
def test_as_text(cluster: SmallCluster, path: str) -> None:
    """The same names."""
    text = cluster.call("GET", path + "?format=prometheus").raw.decode()
    names = set(re.findall(r"^(\w+)[{ ]", text, re.MULTILINE))
    assert names == (APP if "stats" in path else WEB)


def test_a_fresh_profile(cluster: SmallCluster) -> None:
    """Has its five keys, empty; what is set replaces its own key only."""
    path = "/v1/settings/business/profile"
    empty = {"address": "", "description": "", "email": "", "vertical": "", "websites": []}
    assert cluster.call("GET", path).body["settings"]["business"]["profile"] == empty
    assert cluster.call("POST", path, {"email": "a@b.test"}).status == 200
    found = cluster.call("GET", path).body["settings"]["business"]["profile"]
    assert found == empty | {"email": "a@b.test"}
