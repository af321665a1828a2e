"""Leases and fences together: two masters are never both primary, a shard never has two live owners.

The SQL is the real one; masters and coreapps act, hang and see late answers in any order that hypothesis finds.
"""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from standin.node.shard.fence import Fence
from standin.store import leases
from tests.standin.database import engine_with_clock

TTL = 20.0
TTL_MS = int(TTL * 1000)
PEOPLE = st.integers(0, 2)
SHARDS = st.integers(0, 1)
DELAYS = st.floats(0, 40)


@dataclass
class Holder:
    """A master or a coreapp: what it believes to hold."""

    name: str
    fence: Fence
    epoch: int | None = None
    shard: int = 0
    orders: list[tuple[int, int]] = field(default_factory=list)


class Cluster(RuleBasedStateMachine):
    """Three masters, three coreapps, two shards, one database, one passing time."""

    @initialize()
    def start(self) -> None:
        """No lease is held."""
        self.now = 1000.0
        self.engine = engine_with_clock(lambda: self.now)
        self.masters = [Holder(f"m{i}", Fence(TTL, lambda: self.now)) for i in range(3)]
        self.cores = [Holder(f"c{i}", Fence(TTL, lambda: self.now)) for i in range(3)]
        with self.engine.begin() as connection:
            leases.create_lead_row(connection)
            leases.create_shards(connection, 2)

    @rule(seconds=DELAYS)
    def time_passes(self, seconds: float) -> None:
        """Whoever does nothing meanwhile was frozen or cut off."""
        self.now += seconds

    @rule(who=PEOPLE, late=DELAYS)
    def compete(self, who: int, late: float) -> None:
        """A master takes or renews the lease; the answer comes late."""
        master, sent = self.masters[who], self.now
        with self.engine.begin() as connection:
            if master.epoch is None:
                master.epoch = leases.try_lead(connection, master.name, master.name, TTL_MS)
                won = master.epoch is not None
            else:
                won = leases.keep_lead(connection, master.name, master.epoch, TTL_MS)
        self.now += late
        if won:
            master.fence.renewed(sent)
        else:
            master.fence.lost()
            master.epoch = None

    @precondition(lambda self: any(master.epoch is not None for master in self.masters))
    @rule(who=PEOPLE, which=SHARDS, to=PEOPLE, revoke=st.booleans())
    def reassign(self, who: int, which: int, to: int, revoke: bool) -> None:
        """Whoever ever was primary tries to move a shard, even long after its time."""
        master, core = self.masters[who], self.cores[to]
        if master.epoch is None:
            return
        own = (master.name, master.epoch)
        with self.engine.begin() as connection:
            shard = leases.read_shards(connection)[which]
            if revoke:
                leases.revoke_shard(connection, shard, "test", *own)
            epoch = leases.grant_shard(connection, shard, core.name, core.name, "test", *own)
        if epoch is not None:
            core.orders.append((which, epoch))

    @precondition(lambda self: any(core.orders for core in self.cores))
    @rule(who=PEOPLE, late=DELAYS)
    def take(self, who: int, late: float) -> None:
        """A coreapp follows an order that may have been under way for long."""
        core = self.cores[who]
        if core.orders:
            core.fence.lost()
            core.shard, core.epoch = core.orders.pop(0)
            self._renew(core, late, TTL)

    @rule(who=PEOPLE, late=DELAYS, ttl=st.sampled_from([TTL / 4, TTL, TTL * 2]))
    def renew(self, who: int, late: float, ttl: float) -> None:
        """A coreapp renews what it has, for as long as the settings say now."""
        if self.cores[who].epoch is not None:
            self._renew(self.cores[who], late, ttl)

    def _renew(self, core: Holder, late: float, ttl: float) -> None:
        sent = self.now
        core.fence.limit(ttl)
        assert core.epoch is not None
        with self.engine.begin() as connection:
            renewed = leases.renew_shard(connection, core.shard, core.name, core.epoch, int(ttl * 1000))
        self.now += late
        if renewed:
            core.fence.renewed(sent)
        else:
            core.fence.lost()
            core.epoch = None

    @invariant()
    def one_primary(self) -> None:
        """At most one master may believe to be primary."""
        if hasattr(self, "masters"):
            assert sum(master.fence.held for master in self.masters) <= 1

    @invariant()
    def one_owner(self) -> None:
        """At most one coreapp may act for a shard."""
        if hasattr(self, "cores"):
            owned = [core.shard for core in self.cores if core.fence.held]
            assert len(owned) == len(set(owned))


Cluster.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestCluster = Cluster.TestCase


def test_only_the_primary_reassigns() -> None:
    """A master whose lease has lapsed changes no shard."""
    now = 1000.0
    engine = engine_with_clock(lambda: now)
    with engine.begin() as connection:
        leases.create_lead_row(connection)
        leases.create_shards(connection, 1)
        epoch = leases.try_lead(connection, "m", "m", TTL_MS)
        assert epoch == 1
        now += TTL + 1
        shard = leases.read_shards(connection)[0]
        assert leases.grant_shard(connection, shard, "c", "c", "test", "m", epoch) is None
        assert not leases.revoke_shard(connection, shard, "test", "m", epoch)
        assert leases.try_lead(connection, "n", "n", TTL_MS) == 2
        assert leases.grant_shard(connection, shard, "c", "c", "test", "n", 2) == 1


def test_a_revoked_shard_waits_for_its_lease() -> None:
    """No one gets the shard before the old owner's lease is over, and the old owner cannot renew."""
    now = 1000.0
    engine = engine_with_clock(lambda: now)
    with engine.begin() as connection:
        leases.create_lead_row(connection)
        leases.create_shards(connection, 1)
        leases.try_lead(connection, "m", "m", 10 * TTL_MS)
        first = leases.grant_shard(connection, leases.read_shards(connection)[0], "a", "a", "initial", "m", 1)
        assert first == 1
        assert leases.renew_shard(connection, 0, "a", first, TTL_MS)
        shard = leases.read_shards(connection)[0]
        assert leases.revoke_shard(connection, shard, "heartbeat", "m", 1)
        assert not leases.renew_shard(connection, 0, "a", first, TTL_MS)
        assert leases.grant_shard(connection, shard, "b", "b", "heartbeat", "m", 1) is None
        now += TTL + 0.001
        assert leases.grant_shard(connection, shard, "b", "b", "heartbeat", "m", 1) == 2
