"""Messages end to end on a real cluster: queue, WhatsApp, webhook, media, contacts, collection, statistics."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from standin.common.sharding import shard_of, slot_of
from tests.standin.chaos.run import set_shards
from tests.standin.cluster import API_KEY, NUMBER, Cluster, docker, running_cluster
from tests.standin.receiver import Receiver, running_receiver, tell_receiver
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.docker, pytest.mark.drill]
SCALE = 8.0
LIMIT = 40
KEY = f"Apikey {API_KEY}"


@dataclass
class World:
    """A registered cluster of two shards and its webhook."""

    cluster: Cluster
    webhook: Receiver

    def post(self, recipient: str, text: str, change: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Sends a text, or what a change makes of it."""
        body = {"to": recipient, "type": "text", "text": {"body": text}} | (change or {})
        return self.cluster.call("POST", "/v1/messages", body, self.cluster.token)

    def accepted(self, recipient: str, text: str) -> str:
        """The id of a text that was taken, trying again while the shard has no owner."""

        def attempt() -> str:
            status, body = self.post(recipient, text)
            return body["messages"][0]["id"] if status == 201 else ""

        return wait_for("a 201", attempt, 30)

    def carried(self) -> dict[str, Any]:
        """What WhatsApp took, by message id."""
        return {entry["id"]: entry for entry in json.loads(self.cluster.standinctl("messages", "--all"))}

    def told(self, name: str, status: str = "delivered") -> bool:
        """The webhook knows about a message."""
        return (name, status) in self.webhook.statuses()


@pytest.fixture(scope="module", params=["PGSQL"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two shards on three coreapps, with a small queue."""
    limit = {"STANDIN_QUEUE_LIMIT": str(LIMIT)}
    with running_cluster(request.param, scale=SCALE, variables=limit) as cluster:
        cluster.up()
        cluster.register()
        wait_for("one connected coreapp", lambda: len(cluster.connected()) == 1, 40)
        with running_receiver(cluster, Path(tmp_path_factory.mktemp("webhook"))) as webhook:
            tell_receiver(cluster, webhook, {"callback_backoff_delay_ms": "400"})
            set_shards(cluster, 2)  # restarts the coreapps
            yield World(cluster, webhook)


def recipients(shard: int, count: int) -> list[str]:
    """WhatsApp ids of one of two shards."""
    found = (str(number) for number in range(491600000000, 491600001000))
    return [one for one in found if shard_of(slot_of(one), 2) == shard][:count]


def test_each_shard_sends_its_own(world: World) -> None:
    """The recipient decides which coreapp sends; the webhook hears of each message."""
    names = {world.accepted(to, f"to {to}"): shard for shard in (0, 1) for to in recipients(shard, 5)}
    wait_for("the receipts", lambda: all(world.told(name) for name in names), 20)
    carried = world.carried()
    assert {name: carried[name]["shard"] for name in names} == names
    nodes = [{carried[name]["nodes"][0] for name in names if names[name] == shard} for shard in (0, 1)]
    assert len(nodes[0]) == len(nodes[1]) == 1
    assert nodes[0] != nodes[1]
    assert not any(world.told(name, "sent") for name in names), "sent is off by default"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"to": None}, 400, 1008),
        ({"to": "not a number"}, 400, 1009),
        ({"to": "".join(NUMBER)}, 400, 1021),
        ({"text": None}, 400, 1008),
        ({"text": {"body": "x" * 4097}}, 400, 1001),
        ({"recipient_type": "group"}, 400, 1002),
        ({"type": "smoke signal"}, 400, 1009),
        ({"type": "image", "image": {"id": "01234567-89ab-cdef-0123-456789abcdef"}}, 404, 1006),
    ],
)
def test_refused(world: World, change: dict[str, Any], status: int, code: int) -> None:
    """Documented codes for what cannot be sent."""
    got, body = world.post("491600000001", "x", change)
    assert (got, body["errors"][0]["code"]) == (status, code)


def test_without_token(world: World) -> None:
    """Messages need a token; the API key opens statistics only."""
    body = {"to": "491600000001", "type": "text", "text": {"body": "x"}}
    assert world.cluster.call("POST", "/v1/messages", body, KEY)[0] == 401


def test_overflow_and_back_off(world: World) -> None:
    """Callbacks wait while the webhook answers anything but 200; too many of them refuse new messages with 1016."""
    world.webhook.answer, world.webhook.most = 201, 0
    names: list[str] = []

    def refused() -> bool:
        status, body = world.post(recipients(0, 1)[0], f"overflow {len(names)}")
        if status == 201:
            names.append(body["messages"][0]["id"])
        return status == 503 and body["errors"][0]["code"] == 1016

    wait_for("1016", refused, 40, pause=0)
    assert len(names) >= LIMIT / 2
    assert not any(world.told(name) for name in names)
    assert world.cluster.call("GET", "/v1/stats/app", auth=KEY)[1]["stats"]["app"]
    world.webhook.answer = 200
    wait_for("the callbacks", lambda: all(world.told(name) for name in names), 30)
    assert 1 < world.webhook.most <= 6 * 3, "six at a time per coreapp"


def test_successor_sends_what_a_dead_coreapp_queued(world: World) -> None:
    """201 means that the message is in the database; the next owner sends it, once as far as its recipient can tell."""
    cluster = world.cluster
    (owner,) = [s["node"].partition(":")[0] for s in cluster.sessions() if s["shard"] == 1 and not s["replaced"]]
    docker("pause", cluster.container("gateway"))
    try:
        names = [world.accepted(to, f"left behind {to}") for to in recipients(1, 8)]
        docker("kill", cluster.container(owner))
    finally:
        docker("unpause", cluster.container("gateway"))
    refused: list[int] = []

    def taken() -> bool:
        status, body = world.post(recipients(1, 1)[0], "while no one serves the shard")
        refused.extend(error["code"] for error in body.get("errors", []))
        return status == 201

    wait_for("a successor", taken, 40)
    assert set(refused) == {1018}, "a sender may try again"
    wait_for("the receipts", lambda: all(world.told(name) for name in names), 40)
    docker("start", cluster.container(owner))
    carried = world.carried()
    assert all(carried[name]["delivered"] for name in names)
    assert len({carried[name]["text"] for name in names}) == len(names)
    assert cluster.events("banned") == []


def test_inbound_and_read(world: World) -> None:
    """A customer's message reaches the webhook; reading it can be told, of others not."""
    cluster = world.cluster
    name = cluster.standinctl("inbound", "491709999999", "Good morning")
    (message,) = wait_for("it", lambda: [m for m in world.webhook.entries("messages") if m["id"] == name], 20)
    assert (message["from"], message["text"]) == ("491709999999", {"body": "Good morning"})
    assert cluster.call("PUT", f"/v1/messages/{name}", {"status": "read"}, cluster.token)[0] == 200
    assert cluster.call("PUT", f"/v1/messages/{name}", {"status": "seen"}, cluster.token)[0] == 400
    assert cluster.call("PUT", "/v1/messages/unknown", {"status": "read"}, cluster.token)[0] == 404


def test_media(world: World) -> None:
    """A file goes through the shared directory, out with a message, in with another, and away."""
    cluster = world.cluster
    status, body = cluster.call("POST", "/v1/media", raw="a picture", auth=cluster.token)
    assert status == 201, body
    name = body["media"][0]["id"]
    for web in cluster.webs:
        assert cluster.call("GET", f"/v1/media/{name}", auth=cluster.token, web=web) == (200, "a picture")
    assert world.post("491600000001", "", {"type": "image", "image": {"id": name}})[0] == 201
    assert docker("exec", cluster.container("web1"), "stat", "-c", "%a %U", "/usr/local/wamedia/outgoing") == "755 root"
    assert cluster.call("DELETE", f"/v1/media/{name}", auth=cluster.token)[0] == 200
    assert cluster.call("GET", f"/v1/media/{name}", auth=cluster.token)[0] == 404
    inbound = ["inbound", "491709999998", "look", "--file", "/etc/hostname", "--type", "image"]
    sent = cluster.standinctl(*inbound)
    (message,) = wait_for("it", lambda: [m for m in world.webhook.entries("messages") if m["id"] == sent], 20)
    found = cluster.call("GET", f"/v1/media/{message['image']['id']}", auth=cluster.token)
    assert found == (200, docker("exec", cluster.container("gateway"), "cat", "/etc/hostname") + "\n")


def test_contacts(world: World) -> None:
    """Since 2.43 every number is valid; its identity can be acknowledged."""
    cluster = world.cluster
    order = {"contacts": ["+49 170 5550001", "x"], "blocking": "wait", "force_check": False}
    status, body = cluster.call("POST", "/v1/contacts", order, cluster.token)
    assert status == 200
    assert [entry["status"] for entry in body["contacts"]] == ["valid", "valid"]
    path = f"/v1/contacts/{body['contacts'][0]['wa_id']}/identity"
    identity = cluster.call("GET", path, auth=cluster.token)[1]["identity"]
    assert not identity["acknowledged"]
    assert cluster.call("PUT", path, {"hash": "wrong"}, cluster.token)[0] == 400
    assert cluster.call("PUT", path, {"hash": identity["hash"]}, cluster.token)[0] == 200
    assert cluster.call("GET", path, auth=cluster.token)[1]["identity"]["acknowledged"]


def test_collection(world: World) -> None:
    """Every coreapp collects its share of old messages and says so through the webhook; young ones stay."""
    cluster = world.cluster
    young = sum(_db_messages(cluster).values())
    assert "messages added" in docker("exec", cluster.container("core1"), "standinctl", "seed-messages", "5000")
    assert sum(_db_messages(cluster).values()) == young + 5000
    world.webhook.bodies.clear()
    status, body = cluster.call("PUT", "/v1/services/message/gc", auth=cluster.token)
    assert status == 200
    nodes = body["services"]["message"]["gc"]
    assert {entry["status"] for entry in nodes.values()} == {"processing"}
    wait_for("each coreapp's word", lambda: len(world.webhook.entries("services")) == len(nodes) == 3, 30)
    told = [entry["message"]["gc"] for entry in world.webhook.entries("services")]
    assert {entry["node"] for entry in told} == set(nodes)
    assert {entry["status"] for entry in told} == {"complete"}
    assert sum(entry["messages_deleted"] for entry in told) == 5000
    assert sum(_db_messages(cluster).values()) == young


def _db_messages(cluster: Cluster) -> dict[str, int]:
    status, body = cluster.call("GET", "/v1/stats/db", auth=KEY)
    assert status == 200
    (stats,) = [entry for entry in body["stats"]["db"].values() if entry]
    return {point["labels"]["type"]: point["value"] for point in stats["db_messages"]["data"]}


@pytest.mark.parametrize("path", ["/metrics", "/v1/stats/app", "/v1/stats/db"])
def test_prometheus_text(world: World, path: str) -> None:
    """The text holds the same metrics as the JSON; its parser accepts it."""
    status, body = world.cluster.call("GET", path, auth=KEY)
    assert status == 200
    status, text = world.cluster.call("GET", f"{path}?format=prometheus", auth=KEY)
    assert status == 200
    # the parser adds _total to counters' names
    names = {
        sample.name.removesuffix("_total")
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    metrics = body.get("metrics") or body["stats"][path.rpartition("/")[2]]
    wanted = set(metrics) if path == "/metrics" else {name for node in metrics.values() for name in node}
    assert wanted <= names
    assert world.cluster.call("GET", f"{path}?format=xml", auth=KEY)[0] == 400
