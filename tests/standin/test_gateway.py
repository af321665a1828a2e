"""What the fake of WhatsApp accepts, replaces and punishes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from standin.common.timing import Scale
from standin.gateway.accounts import REQUESTS_PER_HOUR, Accounts, Refused
from standin.gateway.certificates import CertificateProblem, issue, read
from standin.gateway.sessions import Hello, Session, Sessions

PERIOD = 10.0
NUMBER = "4915112345678"
FIRST = Hello(NUMBER, "cluster-a", "reg-1", 0, 1, "core1:aa", "2.57.2", "initial")


def ignored(_ping: int) -> None:
    """A ping that no one waits for."""


class World:
    """A gateway whose time stands until told."""

    def __init__(self, state: Path) -> None:
        self.now = 100.0
        self.notes: list[tuple[str, dict[str, Any]]] = []
        self.accounts = Accounts(Scale(), state)
        self.sessions = Sessions(self.accounts, self._note, PERIOD, lambda: self.now)
        self.closed: list[str] = []

    def _note(self, event: str, **facts: Any) -> None:
        self.notes.append((event, facts))

    def names(self) -> list[str]:
        """The events' names."""
        return [event for event, _ in self.notes]

    def enter(self, hello: Hello) -> Session:
        """A session that must be welcome."""
        session = self.sessions.enter(hello, lambda: self.closed.append(hello.node), ignored)
        assert isinstance(session, Session)
        return session

    def pass_time(self, seconds: float, *answering: Session) -> None:
        """Time passes in steps of a second; these sessions answer pings."""
        for _ in range(int(seconds)):
            self.now += 1
            for session in answering:
                if session.id in self.sessions.open:
                    self.sessions.ping(session)
                    self.sessions.answered(session, session.pings)
            self.sessions.sweep()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A gateway that knows no number."""
    return World(tmp_path / "numbers.json")


def test_a_newer_epoch_replaces_a_silent_session(world: World) -> None:
    """A paused coreapp's session goes without a ban."""
    world.enter(FIRST)
    world.pass_time(25)
    heir = world.enter(replace(FIRST, epoch=2, node="core2:bb"))
    world.pass_time(60, heir)
    assert world.closed == ["core1:aa"]
    assert not {"banned", "double_connection"} & set(world.names())
    assert [facts["was_live"] for event, facts in world.notes if event == "replaced"] == [False]


@pytest.mark.parametrize(("asked_after", "doubled"), [(False, 0), (True, 1)])
def test_only_an_answer_to_a_later_ping_proves_a_double_connection(
    world: World, asked_after: bool, doubled: int
) -> None:
    """The replaced session is asked at once; what it said before the replacement may come in after it."""
    old = world.enter(FIRST)
    world.sessions.ping(old)
    world.now += 1
    world.enter(replace(FIRST, epoch=2, node="core2:bb"))
    assert old.pings == 2
    world.now += 0.1
    world.sessions.answered(old, 2 if asked_after else 1)
    assert world.names().count("double_connection") == doubled
    assert "banned" not in world.names()


def test_a_replaced_session_is_asked_until_it_is_proven_alive(world: World) -> None:
    """Its own rhythm of pings does not matter: whoever answers all of them for longer than a period is banned."""
    old = world.enter(FIRST)
    world.enter(replace(FIRST, epoch=2, node="core2:bb"))
    while "banned" not in world.names():
        assert world.now < 100 + 1.5 * PERIOD
        for ping in list(old.asked):
            world.sessions.answered(old, ping)
        world.now += PERIOD / 4
        world.sessions.sweep()
    assert world.now > 100 + PERIOD


def test_what_arrives_of_an_ended_session_punishes_no_more(world: World) -> None:
    """Its last answers may still be unread when it is ended."""
    old = world.enter(FIRST)
    heir = world.enter(replace(FIRST, epoch=2, node="core2:bb"))
    world.sessions.ping(old)
    world.now += PERIOD + 1
    world.sessions.ping(old)
    world.sessions.registered_anew(NUMBER)
    for ping in list(old.asked):
        world.sessions.answered(old, ping)
    assert not {"banned", "double_connection"} & set(world.names())
    assert heir.id not in world.sessions.open


def test_two_live_sessions_for_one_shard_are_banned(world: World) -> None:
    """An owner that does not fence itself is found out."""
    old = world.enter(FIRST)
    heir = world.enter(replace(FIRST, epoch=2, node="core2:bb"))
    world.pass_time(12, old, heir)
    assert "banned" in world.names()
    assert world.sessions.open == {}
    assert world.sessions.enter(FIRST, lambda: None, ignored) == "banned"
    world.sessions.unban(NUMBER)
    world.enter(replace(FIRST, epoch=3))


def test_a_number_that_its_owner_protects_needs_the_pin_for_a_code(world: World) -> None:
    """Also where no installation has registered it here."""
    cert = issue(NUMBER, "Shop")
    world.accounts.protect(NUMBER, "739150")
    for pin, reason in ((None, "missing"), ("000000", "mismatch")):
        with pytest.raises(Refused, match=reason):
            world.accounts.request_code(NUMBER, cert, pin)
    world.accounts.request_code(NUMBER, cert, "739150")
    world.accounts.protect(NUMBER, None)
    world.accounts.request_code(NUMBER, cert, None)


def test_a_short_overlap_is_tolerated(world: World) -> None:
    """An old session that ends within a ping period is no second connection."""
    old = world.enter(FIRST)
    heir = world.enter(replace(FIRST, epoch=2, node="core2:bb"))
    world.pass_time(8, old, heir)
    world.sessions.leave(old, "closed by client")
    world.pass_time(60, heir)
    assert "banned" not in world.names()
    assert world.names().count("double_connection") == 1


def test_another_installation_is_banned(world: World) -> None:
    """A second cluster with the same registration beside a live one."""
    world.enter(FIRST)
    assert world.sessions.enter(replace(FIRST, identity="cluster-b"), lambda: None, ignored) == "banned"
    assert "banned" in world.names()
    assert world.closed == ["core1:aa"]


def test_an_installation_that_comes_back_beside_another_is_banned(world: World) -> None:
    """It was silent when the other one came; whichever shards they have."""
    old = world.enter(replace(FIRST, shard=1))
    world.pass_time(25)
    world.enter(replace(FIRST, identity="cluster-b"))
    assert "banned" not in world.names()
    world.pass_time(1, old)
    assert "banned" in world.names()


def test_a_moved_installation_is_accepted_once_the_old_one_is_gone(world: World) -> None:
    """Restored elsewhere, the old one stopped."""
    world.sessions.leave(world.enter(FIRST), "closed by client")
    world.enter(replace(FIRST, identity="cluster-b"))
    assert "banned" not in world.names()


def test_an_older_epoch_is_refused(world: World) -> None:
    """Also when no one is connected any more."""
    world.sessions.leave(world.enter(replace(FIRST, epoch=5)), "closed by client")
    assert world.sessions.enter(FIRST, lambda: None, ignored) == "stale_epoch"


def test_an_unfenced_owner_is_let_in_and_found_out(world: World) -> None:
    """What the epochs would refuse becomes the second live session that it is."""
    heir = world.enter(replace(FIRST, epoch=2, node="core2:bb"))
    old = world.enter(replace(FIRST, fenced=False))
    world.pass_time(12, old, heir)
    assert "banned" in world.names()
    world.sessions.unban(NUMBER)
    assert world.sessions.enter(FIRST, lambda: None, ignored) == "stale_epoch"


def test_a_logged_off_number(world: World) -> None:
    """Its sessions end, and no one gets in."""
    world.enter(FIRST)
    world.sessions.log_off(NUMBER, "wrong certificate")
    assert world.closed == ["core1:aa"]
    assert world.sessions.enter(FIRST, lambda: None, ignored) == "logged_off"


def test_the_same_owner_may_come_back(world: World) -> None:
    """A broken connection is made again under the same epoch."""
    world.enter(FIRST)
    again = world.enter(FIRST)
    assert list(world.sessions.open) == [again.id]


def test_shards_do_not_meet(world: World) -> None:
    """Two shards are two connections."""
    one, two = world.enter(FIRST), world.enter(replace(FIRST, shard=1, node="core2:bb"))
    world.pass_time(60, one, two)
    assert set(world.sessions.open) == {one.id, two.id}


def test_registration(world: World) -> None:
    """Code, wrong guesses, registration; an older registration is no longer good."""
    cert = issue(NUMBER, "My Shop")
    assert world.accounts.request_code(NUMBER, cert, None) == "My Shop"
    code = world.accounts.numbers[NUMBER].code
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    with pytest.raises(Refused, match="invalid_payload"):
        world.accounts.verify(NUMBER, wrong, "cluster-a", None)
    registration = world.accounts.verify(NUMBER, code, "cluster-a", None)
    assert world.sessions.enter(FIRST, lambda: None, ignored) == "not_registered"
    world.enter(replace(FIRST, registration=registration))


def test_numbers_survive_a_restart(world: World, tmp_path: Path) -> None:
    """WhatsApp does not forget a registration or a ban."""
    world.accounts.request_code(NUMBER, issue(NUMBER, "My Shop"), None)
    world.sessions.ban(NUMBER, "test")
    assert Accounts(Scale(), tmp_path / "numbers.json").numbers == world.accounts.numbers


def test_waiting_time(world: World) -> None:
    """Too many requests have to wait, and are told for how long."""
    cert = issue(NUMBER, "My Shop")
    for _ in range(REQUESTS_PER_HOUR):
        world.accounts.request_code(NUMBER, cert, None)
    with pytest.raises(Refused, match=r"Please wait \d hour\(s\) \d+ minute\(s\) before trying again"):
        world.accounts.request_code(NUMBER, cert, None)


def test_pin(world: World) -> None:
    """A number with two-step verification wants its PIN."""
    world.accounts.number(NUMBER).pin = "123456"
    for pin in (None, "654321"):
        with pytest.raises(Refused):
            world.accounts.request_code(NUMBER, issue(NUMBER, "x"), pin)
    world.accounts.request_code(NUMBER, issue(NUMBER, "x"), "123456")


def test_certificates() -> None:
    """Only what the fake of WhatsApp issued, for this number."""
    assert read(issue(NUMBER, "x"), NUMBER).expired is False
    assert read(issue(NUMBER, "x", expired=True), NUMBER).expired is True
    for text, number in (("no base64!", NUMBER), ("Zm9vYmFy", NUMBER), (issue(NUMBER, "x"), "1")):
        with pytest.raises(CertificateProblem):
            read(text, number)
