"""One coreapp, master or single instance: its parts, started in order."""

import asyncio
import logging

from aiohttp import web

from standin.common.loopwatch import watch_loop
from standin.common.tasks import spawn
from standin.node.collection import Collection
from standin.node.election import Election
from standin.node.endpoints import listen
from standin.node.heartbeat import Heartbeats
from standin.node.owner import ShardOwner
from standin.node.restart import restart_when_ordered
from standin.node.runtime import Runtime
from standin.node.schema import refuse_newer_schema, wait_for_schema
from standin.node.settings import LIVENESS, RETRY_FIRST, RETRY_LAST
from standin.node.single import serve_alone, single_identity
from standin.node.webhooks import Webhooks
from standin.store.bootstrap import CORE_DATABASE, cluster_id, create_cluster_tables, create_database
from standin.store.engine import DatabaseDown
from standin.store.nodes import register_node, touch_node

log = logging.getLogger("node")


class NotInitialized(Exception):
    """The cluster's tables are not there yet."""


class Daemon:
    """The parts of one node."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.heartbeats = Heartbeats(runtime)
        self.election = Election(runtime, self.heartbeats) if runtime.node.kind == "master" else None
        self.webhooks = Webhooks(runtime)
        self.collection = Collection(runtime, self.webhooks)
        self.owner = ShardOwner(runtime, self.webhooks) if runtime.node.serves else None
        self.runners: list[web.AppRunner] = []

    @property
    def role(self) -> str:
        """The role as /v1/health names it."""
        if self.runtime.node.kind == "coreapp":
            return "coreapp"
        return "primary_master" if self.primary else "secondary_master"

    @property
    def single(self) -> bool:
        """This node is an installation of its own."""
        return self.runtime.node.kind == "single"

    @property
    def primary(self) -> bool:
        """This node is the primary master now, or does its work alone."""
        return self.single or (self.election is not None and self.election.primary)

    @property
    def gateway_status(self) -> str | None:
        """The status as /v1/health names it, None when the node is not ready to say."""
        if not self.runtime.initialized:
            return "uninitialized"
        if self.runtime.account is None:
            return "unregistered" if self.primary else None
        if self.owner and self.owner.holding:
            return self.owner.holding.link.status
        return self.election.control_status if self.election else "disconnected"

    @property
    def shard_ranges(self) -> list[list[int]]:
        """First and last number of the shards that this node serves, the control shard being -1."""
        account = self.runtime.account
        several = account is not None and account.shards > 1
        if self.owner and self.owner.holding and self.owner.holding.fence.held:
            shard = self.owner.holding.shard
            return [[shard, shard]] if several else [[-1, -1], [shard, shard]]
        return [[-1, -1]] if several and self.primary else []

    async def run(self) -> None:
        """Serves until the process ends."""
        spawn(watch_loop(), "loop watch")
        self.runners = await listen(self)
        spawn(restart_when_ordered(self), "restart")
        await self._join()
        if self.election:
            spawn(self.election.run(), "election")
            spawn(self.heartbeats.run(), "heartbeats")
        if self.single and self.owner:
            spawn(serve_alone(self.runtime, self.owner), "single instance")
        else:
            spawn(wait_for_schema(self.runtime), "schema")
        spawn(self.webhooks.run(), "webhooks")
        if self.owner:
            spawn(self.collection.run(self.owner.slots), "collection")
        await self._stay_alive()

    async def _join(self) -> None:
        pause = RETRY_FIRST
        while True:
            try:
                await self._initialize()
            except (DatabaseDown, NotInitialized) as error:
                reason = getattr(error, "orig", None) or error
                log.warning("Failed to initialize cluster manager, will retry after %d ms: %s", pause * 1000, reason)
                await asyncio.sleep(max(0.2, self.runtime.scale.seconds(pause)))
                pause = min(2 * pause, RETRY_LAST)
            else:
                return

    async def _initialize(self) -> None:
        runtime = self.runtime
        if runtime.node.leads:
            if await asyncio.to_thread(create_database, runtime.settings.database, CORE_DATABASE):
                log.info("database created")
            await asyncio.to_thread(create_cluster_tables, runtime.store.engine)
        identity = await runtime.run(cluster_id)
        if identity is None:
            raise NotInitialized("no cluster identity")
        await refuse_newer_schema(runtime)
        if self.single:
            runtime.cluster_id = single_identity(identity, runtime.settings.container_id)
            return
        runtime.cluster_id = identity
        await runtime.run(register_node, runtime.node)
        log.info("joined cluster %s as %s, incarnation %s", identity, runtime.name, runtime.node.incarnation)

    async def _stay_alive(self) -> None:
        runtime = self.runtime
        while True:
            await asyncio.sleep(runtime.scale.seconds(LIVENESS))
            try:
                if not self.single and not await runtime.run(touch_node, runtime.node):
                    log.warning("this node was forgotten; joining again")
                    await runtime.run(register_node, runtime.node)
                await runtime.reload()
            except DatabaseDown as error:
                log.warning("liveness not written: %s", error.orig)
