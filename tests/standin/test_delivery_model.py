"""Every accepted message is delivered once, and the webhook learns of it, whatever dies when.

The queue's SQL, the writing of WhatsApp's news and WhatsApp's own rules are the real ones; a coreapp is killed between
any two of its steps, answers get lost, and another takes over.
"""

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from standin.common.jsonlines import Message as News
from standin.common.sharding import SLOTS, slot_of
from standin.common.timing import Scale
from standin.gateway.accounts import Accounts
from standin.gateway.sessions import Hello, Session, Sessions
from standin.gateway.traffic import Traffic
from standin.node.shard.news import Wanted, record
from standin.store import messages
from standin.store.callbacks import read_callbacks, remove_callbacks
from standin.store.messages import Message
from tests.standin.database import engine_with_clock

NUMBER = "4915112345678"
ALL_SLOTS = list(range(SLOTS))
PING = 10.0
PATIENCE = 600.0
FEW = st.integers(1, 4)
alive = precondition(lambda self: self.session is not None)


class Delivery(RuleBasedStateMachine):
    """One shard, one coreapp at a time, one WhatsApp, one webhook."""

    @initialize(sent=st.booleans(), read=st.booleans())
    def start(self, sent: bool, read: bool) -> None:
        """A registered number, an empty queue, no one connected."""
        self.wanted = Wanted(sent=sent, delivered=True, read=read, persist=True)
        self.now = 1000.0
        self.engine = engine_with_clock(lambda: self.now)
        accounts = Accounts(Scale(), Path(tempfile.mkdtemp()) / "numbers.json")
        facts = accounts.number(NUMBER)
        facts.registration, facts.identity = "registration", "cluster"
        self.sessions = Sessions(accounts, lambda *_args, **_facts: None, PING, lambda: self.now)
        self.traffic = Traffic(self.sessions, PATIENCE, lambda: self.now, lambda: None)
        self.session: Session | None = None
        self.epoch = 0
        self.inbox: list[News] = []
        self.accepted: set[str] = set()
        self.webhook: Counter[tuple[str, str]] = Counter()
        self.numbers = iter(range(10**6))

    @rule(seconds=st.floats(0, 30))
    def time_passes(self, seconds: float) -> None:
        """A living session answers its pings."""
        self.now += seconds
        if self.session and self.session.id in self.sessions.open:
            self.sessions.ping(self.session)
            self.sessions.answered(self.session, self.session.pings)
        self.sessions.sweep()

    @alive
    @rule(answered=st.booleans(), recipient=st.integers(0, 50))
    def accept(self, answered: bool, recipient: int) -> None:
        """A message is kept; its 201 may get lost."""
        name, to = f"m{next(self.numbers)}", str(491600000000 + recipient)
        with self.engine.begin() as connection:
            messages.enqueue(connection, Message(name, slot_of(to), to, "text", {"body": name}))
        if answered:
            self.accepted.add(name)

    @alive
    @rule(count=FEW, heard=st.booleans())
    def send(self, count: int, heard: bool) -> None:
        """The queue's head is sent; WhatsApp's word that it has it may get lost."""
        assert self.session
        with self.engine.begin() as connection:
            rows = messages.queued(connection, ALL_SLOTS, count)
        for row in rows:
            order = {"op": "message", "id": row.id, "to": row.peer, "type": row.type, "content": row.content}
            answer = self.traffic.take(self.session, order)
            if answer and heard:
                self.inbox.append(answer)

    @rule(lost=st.integers(0, 3))
    def hear(self, lost: int) -> None:
        """WhatsApp tells its news; the first of it may get lost on the way."""
        for session, news in self.traffic.due()[lost:]:
            if self.session and session == self.session.id:
                self.inbox.append(news)

    @alive
    @rule(count=FEW, acknowledged=st.booleans())
    def write_news(self, count: int, acknowledged: bool) -> None:
        """What was heard is written; that we have got it may get lost."""
        batch, self.inbox = self.inbox[:count], self.inbox[count:]
        with self.engine.begin() as connection:
            assert record(connection, batch, self.wanted).passing == []
        for news in batch:
            if "news" in news and acknowledged:
                self.traffic.got(news["news"])

    @alive
    @rule(count=FEW, removed=st.booleans())
    def call_webhook(self, count: int, removed: bool) -> None:
        """The webhook takes callbacks; the coreapp may die before it has removed them."""
        with self.engine.begin() as connection:
            found = read_callbacks(connection, ALL_SLOTS, count)
        for callback in found:
            for status in callback.payload["statuses"]:
                self.webhook[status["id"], status["status"]] += 1
        if removed and found:
            with self.engine.begin() as connection:
                remove_callbacks(connection, [callback.seq for callback in found])
        elif found:
            self.die()

    @alive
    @rule()
    def die(self) -> None:
        """Everything that was not in the database is gone."""
        if self.session:
            self.sessions.leave(self.session, "died")
        self.session, self.inbox = None, []

    @alive
    @rule()
    def freeze(self) -> None:
        """As dead as that, but WhatsApp goes on believing in the connection for a while."""
        self.session, self.inbox = None, []

    @precondition(lambda self: self.session is None)
    @rule()
    def promote(self) -> None:
        """Another coreapp takes over."""
        self.epoch += 1
        hello = Hello(NUMBER, "cluster", "registration", 0, self.epoch, f"core{self.epoch}", "2.57.2", "heartbeat")
        entered = self.sessions.enter(hello, lambda: None, lambda _ping: None)
        assert isinstance(entered, Session)
        self.session = entered

    def teardown(self) -> None:
        """With a last successor, everything accepted has arrived once, and the webhook knows."""
        if not hasattr(self, "sessions"):
            return
        self.freeze()
        self.promote()
        for _ in range(4):
            self.time_passes(2 * PING)
            self.send(10**6, heard=True)
            self.hear(lost=0)
            self.write_news(10**6, acknowledged=True)
        self.call_webhook(10**6, removed=True)
        texts = Counter(carried.text for carried in self.traffic.carried if carried.delivered)
        assert self.accepted <= set(texts)
        assert set(texts.values()) <= {1}
        # `read` may come without `delivered`, but only where it is wanted at all
        arrived = ("delivered", "read") if self.wanted.read else ("delivered",)
        assert all(any(self.webhook[name, status] for status in arrived) for name in self.accepted)
        assert self.traffic.pending == 0
        with self.engine.begin() as connection:
            assert messages.count_queued(connection) == 0


Delivery.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
TestDelivery = Delivery.TestCase


def test_read_may_come_without_delivered() -> None:
    """A frozen coreapp was told of the delivery; its successor hears that the message was read before it hears that."""
    there = Delivery()
    there.start(sent=False, read=True)
    there.promote()
    there.accept(answered=True, recipient=1)
    there.send(1, heard=True)
    there.time_passes(0.5)
    there.hear(lost=0)
    there.freeze()
    there.promote()
    there.time_passes(1)
    there.hear(lost=0)
    there.write_news(4, acknowledged=True)
    there.teardown()
    assert list(there.webhook) == [("m0", "read")]
