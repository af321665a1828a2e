"""Who is connected for which shard of which number: the rules, without any I/O.

A session is live while it answers pings. A newer epoch of the same installation replaces an older session, which is
then pinged at once and often: an answer to one of these pings is a double connection, and one to a ping that was sent
more than a period after the replacement bans the number. Answers to earlier pings were on their way and prove nothing.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from standin.common.timing import Clock
from standin.gateway.accounts import Accounts

LIVE_PERIODS = 1.5
DEAD_PERIODS = 3.0
CONTROL = -1


@dataclass(frozen=True)
class Hello:
    """What a client says first; an unfenced one is let in with an older epoch, so that its doing can be seen."""

    number: str
    identity: str
    registration: str
    shard: int
    epoch: int
    node: str
    version: str
    reason: str
    fenced: bool = True


@dataclass
class Session:
    """One connection; times by the boot clock. asked has the pings without an answer: number to when it was sent.

    replaced_at is set once a newer session has its shard.
    """

    id: int
    hello: Hello
    since: float
    answered: float
    close: Callable[[], None] = field(repr=False)
    send_ping: Callable[[int], None] = field(repr=False)
    replaced_at: float | None = None
    doubled: bool = False
    pings: int = 0
    asked: dict[int, float] = field(default_factory=dict)


class Sessions:
    """All connections and what the rules say about them."""

    def __init__(self, accounts: Accounts, note: Callable[..., None], ping_period: float, clock: Clock) -> None:
        self._accounts = accounts
        self._note = note
        self._clock = clock
        self._next = 1
        self.ping_period = ping_period
        self._epochs: dict[tuple[str, str, int], int] = {}
        self.open: dict[int, Session] = {}

    def live(self, session: Session) -> bool:
        """The session answered lately."""
        return self._clock() - session.answered <= LIVE_PERIODS * self.ping_period

    def of_number(self, number: str) -> list[Session]:
        """The number's open sessions."""
        return [session for session in self.open.values() if session.hello.number == number]

    def enter(self, hello: Hello, close: Callable[[], None], send_ping: Callable[[int], None]) -> Session | str:
        """A new session, or the reason of its refusal; send_ping sends the ping of this number."""
        refusal = self._refusal(hello)
        if refusal:
            self._note("refused", cause=refusal, **asdict(hello))
            return refusal
        now = self._clock()
        session = Session(self._next, hello, now, now, close, send_ping)
        self._next += 1
        for older in self.of_number(hello.number):
            if older.hello.shard == hello.shard and older.replaced_at is None:
                self._replace(older, session)
        self.open[session.id] = session
        place = (hello.number, hello.identity, hello.shard)
        self._epochs[place] = max(hello.epoch, self._epochs.get(place, 0))
        self._note("connected", session=session.id, **asdict(hello))
        return session

    def _replace(self, older: Session, newer: Session) -> None:
        older.replaced_at = self._clock()
        same_owner = older.hello.node == newer.hello.node and older.hello.epoch == newer.hello.epoch
        self._note(
            "reconnected" if same_owner else "replaced",
            session=older.id,
            by=newer.id,
            number=older.hello.number,
            shard=older.hello.shard,
            node=older.hello.node,
            epoch=older.hello.epoch,
            was_live=self.live(older),
        )
        if same_owner:
            self.leave(older, "reconnected")
        else:
            self.ping(older)

    def _refusal(self, hello: Hello) -> str:
        facts = self._accounts.number(hello.number)
        if facts.banned:
            return "banned"
        if facts.logged_off:
            return "logged_off"
        if facts.registration and facts.registration != hello.registration:
            return "not_registered"
        if self._banned_beside_another(hello):
            return "banned"
        if hello.fenced and hello.epoch < self._epochs.get((hello.number, hello.identity, hello.shard), 0):
            return "stale_epoch"
        if not facts.registration or facts.identity != hello.identity:
            self._note("adopted", number=hello.number, identity=hello.identity)
            facts.registration, facts.identity = hello.registration, hello.identity
            facts.registered_at = facts.registered_at or time.time()
            self._accounts.save()
        return ""

    def _banned_beside_another(self, hello: Hello) -> bool:
        for other in self.of_number(hello.number):
            if other.hello.identity != hello.identity and self.live(other):
                self.ban(hello.number, f"installation {hello.identity} beside {other.hello.identity}")
                return True
        return False

    def ping(self, session: Session) -> None:
        """Asks the session for a sign of life."""
        session.pings += 1
        session.asked[session.pings] = self._clock()
        session.send_ping(session.pings)

    def answered(self, session: Session, ping: int) -> None:
        """The session answered the ping of this number; what arrives of an ended session proves nothing more."""
        if session.id not in self.open:
            return
        session.answered = self._clock()
        asked = session.asked.pop(ping, None)
        if self._banned_beside_another(session.hello) or asked is None or session.replaced_at is None:
            return
        beside = asked - session.replaced_at
        if beside >= 0 and not session.doubled:
            session.doubled = True
            facts = {"number": session.hello.number, "shard": session.hello.shard, "epoch": session.hello.epoch}
            self._note("double_connection", session=session.id, node=session.hello.node, **facts)
        if beside > self.ping_period:
            number, shard = session.hello.number, session.hello.shard
            self.ban(number, f"two live connections for shard {shard}: {session.hello.node} answers beside its heir")

    def leave(self, session: Session, cause: str) -> None:
        """The session ends; once."""
        if self.open.pop(session.id, None):
            facts = {"number": session.hello.number, "shard": session.hello.shard, "epoch": session.hello.epoch}
            self._note("disconnected", session=session.id, node=session.hello.node, cause=cause, **facts)
            session.close()

    def sweep(self) -> None:
        """Ends sessions that are dead or were replaced a while ago; to be called several times a ping period."""
        now = self._clock()
        for session in list(self.open.values()):
            silent = now - session.answered
            if session.replaced_at is not None and now - session.replaced_at > LIVE_PERIODS * self.ping_period:
                self.leave(session, "replaced")
            elif silent > DEAD_PERIODS * self.ping_period:
                self.leave(session, "no answer")
            elif session.replaced_at is not None:
                self.ping(session)

    def ban(self, number: str, why: str) -> None:
        """Bans a number and ends its sessions."""
        self._accounts.number(number).banned = True
        self._accounts.save()
        self._note("banned", number=number, why=why)
        for session in self.of_number(number):
            self.leave(session, "banned")

    def log_off(self, number: str, why: str) -> None:
        """Ends a number's sessions and refuses new ones until a right certificate comes."""
        self._accounts.number(number).logged_off = True
        self._accounts.save()
        self._note("logged_off", number=number, why=why)
        for session in self.of_number(number):
            self.leave(session, "logged off")

    def unban(self, number: str) -> None:
        """Lifts a ban."""
        self._accounts.number(number).banned = False
        self._accounts.save()
        self._note("unbanned", number=number)

    def registered_anew(self, number: str) -> None:
        """Registering a number disconnects whoever had it."""
        for session in self.of_number(number):
            self.leave(session, "registered elsewhere")

    def describe(self) -> list[dict[str, Any]]:
        """The open sessions for the admin tool."""
        now = self._clock()
        return [
            asdict(session.hello)
            | {
                "session": session.id,
                "seconds": round(now - session.since, 3),
                "live": self.live(session),
                "replaced": session.replaced_at is not None,
            }
            for session in self.open.values()
        ]
