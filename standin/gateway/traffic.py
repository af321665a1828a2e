"""Messages as WhatsApp sees them: each is delivered once however often it is sent, and news comes until it is taken.

The rules, without any I/O. `news` is what clients are told: receipts of what they sent, and messages for them.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from standin.common.jsonlines import Message
from standin.common.sharding import slot_of
from standin.common.timing import Clock
from standin.gateway.sessions import CONTROL, Session, Sessions

KEEP = 500_000
DELIVERED, READ = "delivered", "read"


@dataclass
class Carried:
    """A message that was taken; sends counts how often it came, nodes by whom."""

    id: str
    number: str
    to: str
    type: str
    text: str
    shard: int
    sends: int
    nodes: list[str]
    delivered: bool = False


@dataclass
class News:
    """One thing to be told to a number's client, from a time on, until it says that it has got it."""

    key: int
    number: str
    slot: int
    due: float
    body: Message
    offered_at: float = float("-inf")
    offered_to: int = 0


@dataclass
class Recipients:
    """How the people behave: seconds until their phones get a message and until they read it; None is never."""

    delivered: float | None = 0.2
    read: float | None = 1.0


@dataclass
class Totals:
    """What has been counted since the start."""

    taken: int = 0
    resent: int = 0
    delivered: int = 0
    refused: int = 0
    by_shard: dict[int, int] = field(default_factory=dict)


class Traffic:
    """All messages in both directions; patience is the time after which unanswered news comes again."""

    def __init__(self, sessions: Sessions, patience: float, clock: Clock, wake: Callable[[], None]) -> None:
        self._sessions = sessions
        self._patience = patience
        self._clock = clock
        self._wake = wake
        self._next = 1
        self._carried: OrderedDict[str, Carried] = OrderedDict()
        self._news: dict[int, News] = {}
        self.recipients = Recipients()
        self.totals = Totals()

    @property
    def carried(self) -> list[Carried]:
        """Every message that was taken, oldest first."""
        return list(self._carried.values())

    @property
    def pending(self) -> int:
        """News that no one has got yet."""
        return len(self._news)

    def take(self, session: Session, message: Message) -> Message | None:
        """A client sends a message: what it is answered; None from a connection that has been replaced."""
        if session.replaced_at is not None:
            self.totals.refused += 1
            return None
        name, to = str(message["id"]), str(message["to"])
        known = self._carried.get(name)
        if known:
            known.sends += 1
            known.nodes.append(session.hello.node)
            self.totals.resent += 1
        else:
            self._carry(session, name, to, message)
        return {"op": "taken", "id": name, "to": to}

    def _carry(self, session: Session, name: str, to: str, message: Message) -> None:
        hello = session.hello
        text = str(message["content"].get("body", ""))
        self._carried[name] = Carried(name, hello.number, to, message["type"], text, hello.shard, 1, [hello.node])
        if len(self._carried) > KEEP:
            self._carried.popitem(last=False)
        self.totals.taken += 1
        self.totals.by_shard[hello.shard] = self.totals.by_shard.get(hello.shard, 0) + 1
        for status, after in ((DELIVERED, self.recipients.delivered), (READ, self.recipients.read)):
            if after is not None and self.recipients.delivered is not None:
                self._tell(hello.number, to, after, {"op": "receipt", "id": name, "to": to, "status": status})

    def _tell(self, number: str, peer: str, after: float, body: Message) -> None:
        key = self._next
        self._next += 1
        self._news[key] = News(key, number, slot_of(peer), self._clock() + after, body | {"news": key})
        self._wake()

    def inbound(self, number: str, message: Message) -> None:
        """Somebody sends a message to a number."""
        self._tell(number, message["from"], 0, {"op": "inbound"} | message)

    def got(self, key: int) -> None:
        """A client says that it has got some news; saying so again changes nothing."""
        self._news.pop(key, None)

    def due(self) -> list[tuple[int, Message]]:
        """What is to be told now, as session and message; each counts as offered."""
        now, offers = self._clock(), []
        for news in self._news.values():
            waited = now - news.offered_at
            if news.due > now or (news.offered_to in self._sessions.open and waited < self._patience):
                continue
            session = self._session_for(news)
            if session is not None:
                self._deliver(news.body)
                news.offered_at, news.offered_to = now, session.id
                offers.append((session.id, news.body))
        return offers

    def _deliver(self, body: Message) -> None:
        # the person's phone has it, whether the business learns of it or not
        carried = self._carried.get(body["id"]) if body["op"] == "receipt" else None
        if carried and body["status"] == DELIVERED and not carried.delivered:
            carried.delivered = True
            self.totals.delivered += 1

    def _session_for(self, news: News) -> Session | None:
        able = sorted(
            (
                session
                for session in self._sessions.of_number(news.number)
                if session.replaced_at is None and session.hello.shard != CONTROL and self._sessions.live(session)
            ),
            key=lambda session: session.hello.shard,
        )
        return able[news.slot % len(able)] if able else None

    def describe(self) -> dict[str, Any]:
        """The counts for the admin tool."""
        totals = self.totals
        return {
            "taken": totals.taken,
            "resent": totals.resent,
            "delivered": totals.delivered,
            "refused_from_replaced": totals.refused,
            "pending_news": self.pending,
            "by_shard": {str(shard): count for shard, count in sorted(totals.by_shard.items())},
        }
