"""Which shards need a new owner, and who gets them: decisions without I/O."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from standin.store.leases import Shard
from standin.store.nodes import Node
from standin.store.sharding import CHANGED


@dataclass(frozen=True)
class Signs:
    """What the heartbeat monitor knows: silence in seconds and the incarnation that answered, by node name."""

    enabled: bool
    silence: Callable[[str], float]
    incarnation: Callable[[str], str]
    confirmed: frozenset[str]


@dataclass(frozen=True)
class Limits:
    """Seconds: silence that ends a coreapp's ownership, stale liveness, patience with a grant not taken."""

    unhealthy: float
    liveness: float
    grant: float


def suspects(shards: Iterable[Shard], signs: Signs, limits: Limits) -> list[str]:
    """Owners silent for too long here: the secondaries are to be asked about them."""
    if not signs.enabled:
        return []
    return [shard.owner for shard in shards if shard.owner and signs.silence(shard.owner) >= limits.unhealthy]


def failure(shard: Shard, nodes: dict[str, Node], signs: Signs, limits: Limits, database_round: bool) -> str:
    """Why a shard's owner is to be replaced; '' when it is not."""
    if shard.revoked and shard.reason == CHANGED:
        return CHANGED
    if not shard.owner:
        return "initial"
    node = nodes.get(shard.owner)
    replaced = node is None or node.incarnation != shard.incarnation
    if signs.enabled:
        answered = signs.incarnation(shard.owner)
        if replaced or (answered and answered != shard.incarnation):
            return "heartbeat"
        if signs.silence(shard.owner) >= limits.unhealthy and shard.owner in signs.confirmed:
            return "heartbeat"
    if database_round and (replaced or (node is not None and node.age > limits.liveness * 1000)):
        return "database"
    if not shard.taken and shard.granted_age > limits.grant * 1000:
        return "not_taken"
    return shard.reason if shard.revoked else ""


def candidates(
    shards: Iterable[Shard], nodes: Iterable[Node], signs: Signs, limits: Limits, barred: frozenset[str]
) -> list[Node]:
    """Healthy coreapps without a shard, those that run longest first; barred are names and incarnations."""
    busy = {(shard.owner, shard.incarnation) for shard in shards}
    return [
        node
        for node in nodes
        if node.serves
        and not {node.name, node.incarnation} & barred
        and (node.name, node.incarnation) not in busy
        and node.age <= limits.liveness * 1000
        and not (signs.enabled and signs.silence(node.name) >= limits.unhealthy / 2)
    ]
