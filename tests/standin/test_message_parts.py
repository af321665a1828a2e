"""Parts of the messages' way without I/O: bodies, slots, statuses, callbacks, figures, collection, seeding."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from standin.common.errors import ApiError
from standin.common.metrics import Metrics, prometheus_text
from standin.common.outgoing import TYPES, read_order
from standin.common.sharding import SLOTS, shard_of, slot_of, slots_of
from standin.node.api.contacts import look_up
from standin.node.base.application_rules import complete
from standin.node.shard.collection import share_of
from standin.node.shard.news import Wanted, record
from standin.node.shard.webhooks import backoff
from standin.store import messages, seed
from standin.store.callbacks import read_callbacks
from standin.store.message_tables import messages as table
from standin.store.messages import Message
from tests.standin.database import engine_with_clock

ALL_SLOTS = list(range(SLOTS))
TEXT = {"to": "+491600000001", "type": "text", "text": {"body": "hello"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["body", "id", "link"]), inner),
    max_leaves=6,
)


@given(st.sampled_from([1, 2, 4, 8, 16, 32]), st.text("0123456789", min_size=5, max_size=20))
def test_every_slot_has_one_shard(shards: int, recipient: str) -> None:
    """Whatever the allowed number of shards is; a plus sign makes no difference."""
    assert sorted(slot for shard in range(shards) for slot in slots_of(shard, shards)) == ALL_SLOTS
    slot = slot_of(recipient)
    assert slot == slot_of("+" + recipient)
    assert slot in slots_of(shard_of(slot, shards), shards)


@given(st.integers(1, 40))
def test_shares_of_a_collection(parts: int) -> None:
    """Each slot is collected by exactly one coreapp."""
    assert sorted(slot for part in range(parts) for slot in share_of(part, parts)) == ALL_SLOTS


def test_a_text() -> None:
    """Type and kind of recipient may be left out."""
    order = read_order(TEXT)
    assert (order.to, order.type, order.content, order.media_id) == ("491600000001", "text", {"body": "hello"}, "")
    assert read_order({"to": "491600000001", "text": {"body": "hello"}}) == order


@given(st.dictionaries(st.sampled_from(["to", "type", "recipient_type", *TYPES]), JSON | st.sampled_from(TYPES)))
def test_any_body(body: dict[str, Any]) -> None:
    """Is an order or one of the documented refusals."""
    try:
        order = read_order(body)
    except ApiError as error:
        assert error.code in {1001, 1002, 1008, 1009}
    else:
        assert order.type in TYPES
        assert order.to.isdigit()


def test_news_in_any_order() -> None:
    """A later status stays; repeated news causes no second callback; unwanted news none at all."""
    engine = engine_with_clock(lambda: 1000.0)
    wanted = Wanted(sent=False, delivered=True, read=True, persist=True)
    taken = {"op": "taken", "id": "m1", "to": "491"}
    read, delivered = ({"op": "receipt", "id": "m1", "to": "491", "status": name} for name in ("read", "delivered"))
    with engine.begin() as connection:
        messages.enqueue(connection, Message("m1", slot_of("491"), "491", "text", {}))
        assert record(connection, [read, delivered, taken, read], wanted).passing == []
        assert connection.execute(select(table.c.status)).scalars().all() == ["read"]
        (callback,) = read_callbacks(connection, ALL_SLOTS, 10)
    (status,) = callback.payload["statuses"]
    assert (status["id"], status["status"], status["recipient_id"]) == ("m1", "read", "491")


def test_callbacks_in_memory() -> None:
    """With callback_persist off they are handed back and not kept."""
    engine = engine_with_clock(lambda: 1000.0)
    inbound = {"op": "inbound", "id": "i1", "from": "492", "name": "N", "timestamp": 7, "type": "text"}
    wanted = Wanted(sent=True, delivered=True, read=True, persist=False)
    with engine.begin() as connection:
        found = record(connection, [inbound | {"content": {"body": "hi"}}], wanted)
        assert found.inbound == 1
        assert record(connection, [inbound | {"content": {"body": "hi"}}], wanted).passing == [], "known already"
        assert read_callbacks(connection, ALL_SLOTS, 10) == []
    (message,) = found.passing[0].payload["messages"]
    assert message == {"from": "492", "id": "i1", "timestamp": "7", "type": "text", "text": {"body": "hi"}}


@pytest.mark.parametrize(
    ("settings", "statuses"),
    [
        ({}, {"delivered", "read", "failed"}),
        ({"sent_status": True}, {"sent", "delivered", "read", "failed"}),
        ({"sent_status": True, "webhooks": {"message": {"sent": False, "read": False}}}, {"delivered", "failed"}),
    ],
)
def test_wanted(settings: dict[str, Any], statuses: set[str]) -> None:
    """webhooks.message rules over the older sent_status; failures always come."""
    wanted = Wanted.of(complete(settings))
    assert {name for name in ("sent", "delivered", "read", "failed") if name in wanted} == statuses


def test_back_off() -> None:
    """3, 6, 9 ... seconds, at most 15 minutes."""
    assert [backoff(complete({}), failures) for failures in (1, 2, 3, 300, 10**6)] == [3, 6, 9, 900, 900]


def test_contacts_by_version() -> None:
    """Since 2.43 every number is valid; before, only what looks like one."""
    engine = engine_with_clock(lambda: 1000.0)
    with engine.begin() as connection:
        assert look_up(connection, "x", (2, 41, 3), 1000, False)["status"] == "invalid"
        assert look_up(connection, "+49 (160) 12-34567", (2, 41, 3), 1000, False)["wa_id"] == "491601234567"
        assert look_up(connection, "12", (2, 41, 3), 1000, False)["status"] == "invalid"
        assert look_up(connection, "12", (2, 57, 2), 1000, True)["status"] == "valid"


def test_text_exposition() -> None:
    """Labels of several origins, escaped; pairs of count and sum."""
    metrics = Metrics({"a_count": ("counter", "A"), "a_sum": ("counter", "A"), "b": ("gauge", "B")})
    metrics.observe("a", 1.5, method='x"y\\z')
    metrics.observe("a", 1.5, method='x"y\\z')
    metrics.set("b", 2)
    text = prometheus_text([({"node": "n1"}, metrics.as_json()), ({"node": "n2"}, metrics.as_json())])
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert {(sample.labels["node"], sample.value) for sample in samples if sample.name.startswith("a_sum")} == {
        ("n1", 3.0),
        ("n2", 3.0),
    }
    assert {sample.labels.get("method") for sample in samples} == {'x"y\\z', None}
    assert metrics.as_json()["b"] == {"data": [{"labels": {}, "value": 2}], "help": "B", "type": "gauge"}


@pytest.mark.parametrize("count", [0, 1, 2, 777])
def test_seeding(count: int) -> None:
    """Exactly so many rows, beside what was there; a collection removes them when they are old enough."""
    engine = engine_with_clock(lambda: 10_000.0)
    with engine.begin() as connection:
        messages.enqueue(connection, Message("mine", 1, "491", "text", {}))
    seed.seed(engine, count, created_at=9_000_000)
    with engine.begin() as connection:
        assert sum(messages.count_by_type(connection).values()) == count + 1
        first, last = messages.span(connection)
        assert messages.collect(connection, first, last, ALL_SLOTS, older_than=1_000_001) == 0
        assert messages.collect(connection, first, last, ALL_SLOTS, older_than=999_999) == count
        assert messages.count_queued(connection) == 1
