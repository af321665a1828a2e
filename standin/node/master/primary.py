"""The primary master's duties: schema, shard map, failover."""

import asyncio
import logging

from standin.common.peers import PeerDown
from standin.common.timing import boot_clock
from standin.node.base.intervals import LIVENESS, LIVENESS_LIMIT
from standin.node.base.runtime import Runtime
from standin.node.master.failover import Limits, Signs, candidates, failure, suspects
from standin.node.master.heartbeat import Heartbeats
from standin.store.engine import DatabaseDown
from standin.store.leases import Shard, create_shards, grant_shard, read_shards, revoke_shard
from standin.store.nodes import Node, forget_nodes, read_nodes
from standin.store.sharding import RestartOrder, read_order

log = logging.getLogger("primary")
GRANT_PATIENCE = 5.0
BUSY_PAUSE = 0.5


class Primary:
    """Runs while this node holds the master lease under one epoch."""

    def __init__(self, runtime: Runtime, heartbeats: Heartbeats, epoch: int) -> None:
        self._runtime = runtime
        self._heartbeats = heartbeats
        self._epoch = epoch
        self._barred: dict[str, float] = {}
        self._unserved: set[int] = set()

    @property
    def _limits(self) -> Limits:
        seconds = self._runtime.scale.seconds
        return Limits(seconds(self._runtime.monitoring.unhealthy), seconds(LIVENESS_LIMIT), seconds(GRANT_PATIENCE))

    async def run(self) -> None:
        """Watches the shards until cancelled."""
        runtime = self._runtime
        database_round_at = 0.0
        while True:
            database_round = boot_clock() >= database_round_at
            busy = True
            try:
                busy = await self._tick(database_round)
                if database_round:
                    database_round_at = boot_clock() + runtime.scale.seconds(LIVENESS)
            except DatabaseDown as error:
                log.warning("cannot watch the shards: %s", error.orig)
            except PeerDown as error:
                log.warning("cannot promote: %s", error)
            pause = runtime.scale.seconds(BUSY_PAUSE if busy else runtime.monitoring.heartbeat)
            await asyncio.sleep(max(0.05, pause))

    async def _tick(self, database_round: bool) -> bool:
        runtime = self._runtime
        if database_round:
            await runtime.reload()
        account = runtime.account
        if account is None:
            return False
        shards: list[Shard] = await runtime.run(read_shards)
        if len(shards) < account.shards:
            await runtime.run(create_shards, account.shards)
            return True
        nodes: list[Node] = await runtime.run(read_nodes)
        order: RestartOrder = await runtime.run(read_order)
        limits = self._limits
        signs = await self._signs(shards, nodes, limits)
        by_name = {node.name: node for node in nodes}
        busy = False
        for number in range(account.shards):
            shard = shards[number]
            reason = failure(shard, by_name, signs, limits, database_round)
            if not shard.taken and shard.owner in self._barred:
                reason = "not_taken"
            if reason:
                others = [other for other in shards[: account.shards] if other.shard != number]
                free = self._free(others, nodes, signs, order.incarnations)
                busy |= await self._replace(shard, free, reason)
                shards = await runtime.run(read_shards)
            else:
                self._unserved.discard(number)
        if database_round:
            await runtime.run(forget_nodes, int(limits.liveness * 1000))
        return busy

    def _free(self, others: list[Shard], nodes: list[Node], signs: Signs, never: frozenset[str]) -> list[Node]:
        """Who may get a shard, the best first; those that failed lately only when there is no one else."""
        now = boot_clock()
        self._barred = {name: until for name, until in self._barred.items() if until > now}
        free = candidates(others, nodes, signs, self._limits, never | frozenset(self._barred))
        return free or candidates(others, nodes, signs, self._limits, never)

    async def _signs(self, shards: list[Shard], nodes: list[Node], limits: Limits) -> Signs:
        beats = self._heartbeats
        unconfirmed = Signs(beats.enabled, beats.silence, beats.incarnation, frozenset())
        secondaries = [node for node in nodes if node.kind == "master" and node.name != self._runtime.name]
        confirmed = set()
        for name in suspects(shards, unconfirmed, limits):
            answers = await asyncio.gather(*(self._silent_for(secondary, name) for secondary in secondaries))
            if any(silence >= limits.unhealthy for silence in answers):
                confirmed.add(name)
        return Signs(beats.enabled, beats.silence, beats.incarnation, frozenset(confirmed))

    async def _silent_for(self, secondary: Node, name: str) -> float:
        """How long a secondary has not heard of a node; 0 when it cannot be asked."""
        try:
            status, answer = await self._runtime.peers.call(
                "GET", secondary.hostname, secondary.ports[2], f"/silence?node={name}"
            )
        except PeerDown:
            return 0.0
        return float(answer.get("silence", 0)) if status == 200 else 0.0

    async def _replace(self, shard: Shard, free: list[Node], reason: str) -> bool:
        """One step of giving a shard away; False when that has to wait for another coreapp."""
        runtime = self._runtime
        own = (runtime.node.incarnation, self._epoch)
        if shard.owner and not shard.revoked:
            log.warning("shard %d: owner %s fails (%s), epoch %d", shard.shard, shard.owner, reason, shard.epoch)
            await runtime.run(revoke_shard, shard, reason, *own)
        if not shard.lapsed:
            return True
        if not free:
            if shard.shard not in self._unserved:
                log.error("shard %d is not served: no healthy coreapp to promote", shard.shard)
                self._unserved.add(shard.shard)
            return False
        chosen = free[0]
        epoch = await runtime.run(grant_shard, shard, chosen.name, chosen.incarnation, reason, *own)
        if epoch is None:
            return True
        log.warning("shard %d: promoting %s, epoch %d (%s)", shard.shard, chosen.name, epoch, reason)
        order = {"shard": shard.shard, "epoch": epoch, "incarnation": chosen.incarnation, "reason": reason}
        try:
            status, _ = await runtime.peers.call("POST", chosen.hostname, chosen.ports[2], "/promote", order)
        except PeerDown:
            status = 0
        if status != 200:
            log.warning("shard %d: %s did not take it (%d)", shard.shard, chosen.name, status)
            self._barred[chosen.name] = boot_clock() + runtime.scale.seconds(LIVENESS)
        return True
