"""The number of shards: who may change it, what the change does to the shard map, and the settings of the monitors."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.engine import Engine

from standin.common.environment import NodeSettings
from standin.common.errors import ApiError
from standin.common.peers import Peers
from standin.common.release import Release
from standin.common.timing import Scale
from standin.gateway.accounts import Accounts, Refused
from standin.gateway.certificates import issue
from standin.gateway.sessions import Sessions
from standin.gateway.shards import allow_change
from standin.node.account.sharding import ALLOWED, certificate, unsettled, wanted_shards
from standin.node.base.runtime import INTERVALS, Runtime
from standin.node.master.failover import Limits, Signs, candidates, failure
from standin.node.shard.fence import Fence
from standin.store import leases
from standin.store.config import APPLICATION, Account, read_account, write_account, write_value
from standin.store.nodes import Node, forget_nodes, read_nodes, register_node, touch_node
from standin.store.sharding import CHANGED, NotLeading, change_shards, read_order, register_account
from tests.standin.database import engine_with_clock

TTL_MS = 20_000
ACCOUNT = Account("49", "1511", "Shop", "reg", 0)
CORE = Node("core0:aa", "core0", (1, 2, 3, 4), "coreapp", "2.57.2", "core0/0")
WEEK = 7 * 86400
COREAPPS = 5
SHARDS = st.sampled_from(ALLOWED[:3])
SOME = st.sets(st.integers(0, COREAPPS - 1), max_size=3)


@pytest.mark.parametrize("given", [*ALLOWED, *map(str, ALLOWED)])
def test_allowed_numbers(given: int | str) -> None:
    """As number or as text."""
    assert wanted_shards({"shards": given}) == int(given)


@pytest.mark.parametrize(
    ("given", "code"), [(None, 1008), (3, 1009), ("3", 1009), (True, 1009), (2.0, 1009), ("", 1009), ([], 1009)]
)
def test_other_numbers(given: Any, code: int) -> None:
    """Are refused with the documented codes."""
    with pytest.raises(ApiError) as refusal:
        wanted_shards({"shards": given})
    assert refusal.value.code == code


def test_certificate_by_version() -> None:
    """Optional before 2.45, then mandatory."""
    assert certificate({}, "2.43.1") is None
    assert certificate({"cert": "x"}, "2.43.1") == "x"
    for version in ("2.45.1", "2.57.2"):
        with pytest.raises(ApiError) as refusal:
            certificate({"cert": None}, version)
        assert refusal.value.code == 1008


@pytest.fixture
def whatsapp(tmp_path: Path) -> SimpleNamespace:
    """Accounts and sessions of a gateway with one registered number."""
    accounts = Accounts(Scale(), tmp_path / "numbers.json")
    facts = accounts.number("491511")
    facts.registration, facts.registered_at = "reg", time.time()
    notes: list[str] = []
    sessions = Sessions(accounts, lambda event, **_facts: notes.append(event), 10, lambda: 0.0)

    def change(cert: str | None) -> str:
        try:
            allow_change(accounts, sessions, "491511", "reg", cert)
        except Refused as refusal:
            return str(refusal)
        return ""

    return SimpleNamespace(facts=facts, notes=notes, change=change)


def test_seven_days_without_certificate(whatsapp: SimpleNamespace) -> None:
    """Later, none is like a wrong one; the right one brings the client back."""
    assert whatsapp.change(None) == ""
    whatsapp.facts.registered_at -= WEEK + 1
    assert "7 days" in whatsapp.change(None)
    assert (whatsapp.facts.logged_off, whatsapp.notes) == (True, ["logged_off"])
    assert whatsapp.change(issue("491511", "Shop")) == ""
    assert whatsapp.facts.logged_off is False


def test_bad_certificates(whatsapp: SimpleNamespace) -> None:
    """A wrong one logs off, an expired one bans."""
    assert "logged off" in whatsapp.change(issue("4900", "Other"))
    assert whatsapp.facts.logged_off
    assert "expired" in whatsapp.change(issue("491511", "Shop", expired=True))
    assert whatsapp.facts.banned
    assert "banned" in whatsapp.change(issue("491511", "Shop"))


@pytest.fixture
def engine() -> Engine:
    """A cluster with a primary master of epoch 1, a coreapp that owns the only shard, and a registration."""
    engine = engine_with_clock(lambda: 1000.0)
    with engine.begin() as connection:
        leases.create_lead_row(connection)
        leases.create_shards(connection, 1)
        assert leases.try_lead(connection, "m", "m", TTL_MS) == 1
        register_node(connection, CORE)
        shard = leases.read_shards(connection)[0]
        leases.grant_shard(connection, shard, CORE.name, CORE.incarnation, "initial", "m", 1)
        assert leases.renew_shard(connection, 0, CORE.incarnation, 1, TTL_MS)
        write_account(connection, ACCOUNT)
    return engine


def test_a_change_is_one_transaction(engine: Engine) -> None:
    """Number, revocation and restart order together; without the lease, nothing of it."""
    with pytest.raises(NotLeading), engine.begin() as connection:
        change_shards(connection, ACCOUNT, 4, "m", 2)
    with engine.begin() as connection:
        assert read_account(connection) == ACCOUNT
        assert [shard.revoked for shard in leases.read_shards(connection)] == [False]
        assert change_shards(connection, ACCOUNT, 4, "m", 1).shards == 4
    with engine.begin() as connection:
        assert read_account(connection) == replace(ACCOUNT, shards=4)
        assert [(shard.revoked, shard.reason) for shard in leases.read_shards(connection)] == [(True, CHANGED)] * 4
        assert read_order(connection).incarnations == {CORE.incarnation}
        assert not leases.renew_shard(connection, 0, CORE.incarnation, 1, TTL_MS)


def test_another_number_restarts_the_coreapps(engine: Engine) -> None:
    """The same one does not."""
    master = replace(CORE, kind="master", incarnation="m")
    with engine.begin() as connection:
        register_account(connection, replace(ACCOUNT, registration="new"), master)
        assert read_order(connection).incarnations == frozenset()
        register_account(connection, replace(ACCOUNT, phone_number="1512"), master)
        assert read_order(connection).incarnations == {CORE.incarnation}
        register_account(connection, ACCOUNT, replace(CORE, kind="single", incarnation="alone"))
        assert read_order(connection).incarnations == {CORE.incarnation, "alone"}


def test_unsettled(engine: Engine) -> None:
    """Temporarily unavailable until the coreapps are back and own all shards, or the time is over."""
    with engine.begin() as connection:
        assert unsettled(read_order(connection), 90, 1, [], []) == ""
        change_shards(connection, ACCOUNT, 2, "m", 1)
        order, shards = read_order(connection), leases.read_shards(connection)
        nodes = read_nodes(connection)
    assert "restarting" in unsettled(order, 90, 2, shards, nodes)
    back = [replace(CORE, incarnation="core0/1")]
    assert "given" in unsettled(order, 90, 2, shards, back)
    served = [replace(shard, revoked=False, taken=True, remaining=1) for shard in shards]
    assert unsettled(order, 90, 2, served, back) == ""
    assert unsettled(replace(order, age=90_001), 90, 2, shards, nodes) == ""


@pytest.mark.parametrize(("choice", "seconds"), [("at_once", 7.0), ("after_restart", 30.0)])
def test_changed_intervals(engine: Engine, monkeypatch: pytest.MonkeyPatch, choice: str, seconds: float) -> None:
    """Act at once or after a restart: the documents do not say, a variable does."""
    monkeypatch.setenv(INTERVALS, choice)

    async def run(work: Any) -> Any:
        with engine.begin() as connection:
            return work(connection)

    def runtime() -> Runtime:
        made = Runtime(
            cast(NodeSettings, None),
            Release("coreapp", "2.57.2", "2999-01-01"),
            Scale(),
            cast(Any, SimpleNamespace(run=run)),
            cast(Peers, None),
            CORE,
        )
        made.schema_ready = True
        return made

    node = runtime()
    asyncio.run(node.reload())
    asyncio.run(run(lambda connection: write_value(connection, APPLICATION, {"unhealthy_interval": 7})))
    asyncio.run(node.reload())
    assert node.monitoring.unhealthy == seconds
    restarted = runtime()
    asyncio.run(restarted.reload())
    assert restarted.monitoring.unhealthy == 7


def test_an_unknown_switch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start."""
    monkeypatch.setenv(INTERVALS, "sometimes")
    with pytest.raises(ValueError, match=INTERVALS):
        Runtime(*cast(Any, [None] * 6))


class Sharded(RuleBasedStateMachine):
    """A few coreapps, any number of shards: random deaths, pauses, returns and changes of the number.

    The decisions are the primary's own functions and the SQL is the real one; each step of them may be the last that
    a dead process has taken.
    """

    @initialize(shards=SHARDS)
    def start(self, shards: int) -> None:
        """All coreapps run; no one owns anything."""
        self.now, self.born = 1000.0, 0
        self.engine = engine_with_clock(lambda: self.now)
        self.nodes: dict[str, Node] = {}
        self.held: dict[str, tuple[int, int, Fence]] = {}
        with self.engine.begin() as connection:
            leases.create_lead_row(connection)
            epoch = leases.try_lead(connection, "m", "m", 10**9)
            assert epoch is not None
            self.lead = ("m", epoch)
            write_account(connection, replace(ACCOUNT, shards=shards))
        for number in range(COREAPPS):
            self._boot(f"core{number}")
        self.watch(delivered=True, database_round=False)

    def _boot(self, name: str) -> None:
        self.born += 1
        self.held.pop(name, None)
        self.nodes[name] = replace(CORE, name=name, hostname=name, incarnation=f"{name}/{self.born}")
        with self.engine.begin() as connection:
            register_node(connection, self.nodes[name])

    @rule(seconds=st.sampled_from([0.5, 6.0, 6.0, 19.0, 130.0]), frozen=SOME)
    def time_passes(self, seconds: float, frozen: set[int]) -> None:
        """Some are frozen or cut off, the others renew what they have before and after."""
        for before in (True, False):
            for number in set(range(COREAPPS)) - frozen:
                self._renew(f"core{number}")
            self.now += seconds if before else 0

    def _renew(self, name: str) -> None:
        if name not in self.nodes:
            return
        with self.engine.begin() as connection:
            touch_node(connection, self.nodes[name])
            if name in self.held:
                shard, epoch, fence = self.held[name]
                if leases.renew_shard(connection, shard, self.nodes[name].incarnation, epoch, TTL_MS):
                    fence.renewed(self.now)
                else:
                    fence.lost()

    @rule(number=st.integers(0, COREAPPS - 1), back=st.booleans())
    def die(self, number: int, back: bool) -> None:
        """A coreapp's process ends; it may come back as another incarnation."""
        name = f"core{number}"
        self.held.pop(name, None)
        self.nodes.pop(name, None)
        if back:
            self._boot(name)

    @rule(shards=SHARDS, heard=SOME)
    def change(self, shards: int, heard: set[int]) -> None:
        """The number of shards is set; some hear of it, the others later, see `obey`."""
        with self.engine.begin() as connection:
            account = read_account(connection)
            assert account is not None
            change_shards(connection, account, shards, *self.lead)
        self.obey(heard)

    @rule(heard=SOME)
    def obey(self, heard: set[int]) -> None:
        """Those that hear of an order to restart do so."""
        with self.engine.begin() as connection:
            order = read_order(connection)
        for number in heard:
            node = self.nodes.get(f"core{number}")
            if node and node.incarnation in order.incarnations:
                self._boot(node.name)

    @rule(delivered=st.sampled_from([True, True, True, False]), database_round=st.booleans())
    def watch(self, delivered: bool, database_round: bool) -> None:
        """One round of the primary over all shards; its orders arrive or do not."""
        limits = Limits(unhealthy=30, liveness=120, grant=5)
        signs = Signs(False, lambda _name: 0, lambda _name: "", frozenset())
        with self.engine.begin() as connection:
            account = read_account(connection)
            assert account is not None
            leases.create_shards(connection, account.shards)
            listed, order = read_nodes(connection), read_order(connection)
            for number in range(account.shards):
                shards = leases.read_shards(connection)[: account.shards]
                shard = shards[number]
                reason = failure(shard, {node.name: node for node in listed}, signs, limits, database_round)
                if not reason:
                    continue
                if shard.owner and not shard.revoked:
                    leases.revoke_shard(connection, shard, reason, *self.lead)
                others = [other for other in shards if other.shard != number]
                free = candidates(others, listed, signs, limits, order.incarnations)
                if free:  # whether the lease is over is for the database to check
                    self._grant(connection, shard, free[0], delivered)
            if database_round:
                forget_nodes(connection, 120_000)

    def _grant(self, connection: Any, shard: leases.Shard, chosen: Node, delivered: bool) -> None:
        epoch = leases.grant_shard(connection, shard, chosen.name, chosen.incarnation, "test", *self.lead)
        running = self.nodes.get(chosen.name)
        if epoch is None or not delivered or running is None or running.incarnation != chosen.incarnation:
            return
        fence = Fence(TTL_MS / 1000, lambda: self.now)
        if leases.renew_shard(connection, shard.shard, chosen.incarnation, epoch, TTL_MS):
            fence.renewed(self.now)
            self.held[chosen.name] = (shard.shard, epoch, fence)

    @invariant()
    def one_owner(self) -> None:
        """At most one coreapp acts for a shard, and none for a shard that is no more once its lease is over."""
        acting = [shard for shard, _, fence in getattr(self, "held", {}).values() if fence.held]
        assert len(acting) == len(set(acting))


Sharded.TestCase.settings = hypothesis_settings(max_examples=100, stateful_step_count=40)
TestSharded = Sharded.TestCase


def test_everything_is_served_in_the_end() -> None:
    """Enough coreapps and some quiet rounds: each shard has its own owner; too few: the rest has none."""
    for shards, coreapps in ((4, 5), (4, 3)):
        world = Sharded()
        world.start(shards)
        for number in range(coreapps, COREAPPS):
            world.die(number, back=False)
        world.now += 130
        for _ in range(3):
            world.time_passes(1, set())
            world.watch(delivered=True, database_round=True)
        acting = sorted(shard for shard, _, fence in world.held.values() if fence.held)
        assert len(acting) == min(shards, coreapps)
        assert len(set(acting)) == len(acting)
