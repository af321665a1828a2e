"""Who loses a shard, and who gets it."""

from dataclasses import replace

from standin.node.master.failover import Limits, Signs, candidates, failure, suspects
from standin.store.leases import Shard
from standin.store.nodes import Node

LIMITS = Limits(unhealthy=30, liveness=120, grant=5)
CORE = Node("core1:aa", "core1", (1, 2, 3, 4), "coreapp", "2.57.2", "inc1", started_at=1, age=1000)
SPARE = replace(CORE, name="core2:bb", hostname="core2", incarnation="inc2", started_at=2)
MASTER = replace(CORE, name="master1:cc", kind="master", incarnation="inc3")
SHARD = Shard(0, CORE.name, "inc1", 1, 20000, True, False, 100000, "initial")
NODES = {node.name: node for node in (CORE, SPARE, MASTER)}


def signs(silence: float = 0, enabled: bool = True, confirmed: bool = False, incarnation: str = "inc1") -> Signs:
    """Heartbeat's view, with the owner silent for so long."""
    silences = {CORE.name: silence}
    names = frozenset({CORE.name} if confirmed else ())
    return Signs(enabled, lambda name: silences.get(name, 0), lambda _name: incarnation, names)


def test_a_healthy_owner_keeps_its_shard() -> None:
    """Neither monitor finds anything."""
    assert failure(SHARD, NODES, signs(), LIMITS, database_round=True) == ""


def test_the_heartbeat_needs_a_second_witness() -> None:
    """Silence to the primary alone is not enough."""
    assert suspects([SHARD], signs(30), LIMITS) == [CORE.name]
    assert failure(SHARD, NODES, signs(30), LIMITS, database_round=False) == ""
    assert failure(SHARD, NODES, signs(30, confirmed=True), LIMITS, database_round=False) == "heartbeat"
    assert suspects([SHARD], signs(29), LIMITS) == []


def test_a_new_incarnation_is_found_by_the_heartbeat() -> None:
    """A process that came back does not own what the old one owned."""
    assert failure(SHARD, NODES, signs(incarnation="new"), LIMITS, database_round=False) == "heartbeat"


def test_the_database_monitor_looks_only_in_its_rounds() -> None:
    """Without heartbeats a stale liveness is found each minute."""
    stale = NODES | {CORE.name: replace(CORE, age=121_000)}
    off = signs(enabled=False)
    assert suspects([SHARD], signs(1000, enabled=False), LIMITS) == []
    assert failure(SHARD, stale, off, LIMITS, database_round=False) == ""
    assert failure(SHARD, stale, off, LIMITS, database_round=True) == "database"
    assert failure(SHARD, {}, off, LIMITS, database_round=False) == ""
    assert failure(SHARD, {}, off, LIMITS, database_round=True) == "database"


def test_a_grant_that_is_not_taken_goes_on() -> None:
    """The chosen coreapp may have died meanwhile."""
    granted = replace(SHARD, taken=False, granted_age=6000)
    assert failure(granted, NODES, signs(), LIMITS, database_round=False) == "not_taken"
    assert failure(replace(granted, granted_age=1000), NODES, signs(), LIMITS, database_round=False) == ""


def test_a_started_replacement_is_finished() -> None:
    """A revoked shard goes to another even when the owner is heard again."""
    assert failure(replace(SHARD, revoked=True, reason="heartbeat"), NODES, signs(), LIMITS, False) == "heartbeat"


def test_candidates() -> None:
    """Coreapps without a shard, fresh, heard of, not barred; masters never."""
    nodes = [CORE, SPARE, MASTER]
    assert candidates([], nodes, signs(), LIMITS, frozenset()) == [CORE, SPARE]
    assert candidates([SHARD], nodes, signs(), LIMITS, frozenset()) == [SPARE]
    assert candidates([], nodes, signs(16), LIMITS, frozenset()) == [SPARE]
    assert candidates([], nodes, signs(), LIMITS, frozenset({SPARE.name})) == [CORE]
    assert candidates([], [replace(CORE, age=121_000)], signs(), LIMITS, frozenset()) == []
