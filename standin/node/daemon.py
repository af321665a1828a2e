"""One coreapp, master or single instance: its parts, started in order."""

import asyncio
import logging

from standin.common.loopwatch import watch_loop
from standin.common.tasks import spawn
from standin.node.election import Election
from standin.node.endpoints import serve
from standin.node.heartbeat import Heartbeats
from standin.node.owner import ShardOwner
from standin.node.runtime import Runtime
from standin.node.schema import wait_for_schema
from standin.node.settings import LIVENESS, RETRY_FIRST, RETRY_LAST
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
        self.election = Election(runtime, self.heartbeats) if runtime.node.leads else None
        self.owner = ShardOwner(runtime) if runtime.node.serves else None

    @property
    def role(self) -> str:
        """The role as /v1/health names it."""
        if self.runtime.node.kind == "coreapp":
            return "coreapp"
        return "primary_master" if self.primary else "secondary_master"

    @property
    def primary(self) -> bool:
        """This node is the primary master now."""
        return self.election is not None and self.election.primary

    @property
    def gateway_status(self) -> str | None:
        """The status as /v1/health names it, None when the node is not ready to say."""
        if not self.runtime.initialized:
            return "uninitialized"
        if self.runtime.account is None:
            return "unregistered" if self.primary else None
        if self.owner and self.owner.holding:
            return self.owner.holding.link.status
        return "disconnected"

    async def run(self) -> None:
        """Serves until the process ends."""
        spawn(watch_loop(), "loop watch")
        await serve(self)
        await self._join()
        if self.election:
            spawn(self.election.run(), "election")
            spawn(self.heartbeats.run(), "heartbeats")
        spawn(wait_for_schema(self.runtime), "schema")
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
        runtime.cluster_id = identity
        await runtime.run(register_node, runtime.node)
        log.info("joined cluster %s as %s, incarnation %s", identity, runtime.name, runtime.node.incarnation)

    async def _stay_alive(self) -> None:
        runtime = self.runtime
        while True:
            await asyncio.sleep(runtime.scale.seconds(LIVENESS))
            try:
                if not await runtime.run(touch_node, runtime.node):
                    log.warning("this node was forgotten; joining again")
                    await runtime.run(register_node, runtime.node)
                await runtime.reload()
            except DatabaseDown as error:
                log.warning("liveness not written: %s", error.orig)
