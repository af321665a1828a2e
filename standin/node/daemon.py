"""Starts the parts of a node in order, and keeps it in the list of nodes."""

import asyncio
import logging

from aiohttp import web

from standin.common.loopwatch import watch_loop
from standin.common.tasks import spawn
from standin.node.api.listening import listen
from standin.node.base.intervals import LIVENESS, RETRY_FIRST, RETRY_LAST
from standin.node.base.runtime import Runtime
from standin.node.base.schema import refuse_newer_schema, wait_for_schema
from standin.node.parts import Parts
from standin.node.restart import restart_when_ordered
from standin.node.single import serve_alone, single_identity
from standin.store.bootstrap import CORE_DATABASE, cluster_id, create_cluster_tables, create_database
from standin.store.engine import DatabaseDown
from standin.store.nodes import register_node, touch_node

log = logging.getLogger("node")


class NotInitialized(Exception):
    """The cluster's tables are not there yet."""


class Daemon:
    """One node."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._parts = Parts(runtime)
        self.runners: list[web.AppRunner] = []

    async def run(self) -> None:
        """Serves until the process ends."""
        parts, runtime = self._parts, self._runtime
        spawn(watch_loop(), "loop watch")
        self.runners = await listen(parts)
        spawn(restart_when_ordered(runtime, self.runners), "restart")
        await self._join()
        if parts.election:
            spawn(parts.election.run(), "election")
            spawn(parts.heartbeats.run(), "heartbeats")
        if parts.single and parts.owner:
            spawn(serve_alone(runtime, parts.owner), "single instance")
        else:
            spawn(wait_for_schema(runtime), "schema")
        spawn(parts.webhooks.run(), "webhooks")
        if parts.owner:
            spawn(parts.collection.run(parts.owner.slots), "collection")
        await self._stay_alive()

    async def _join(self) -> None:
        pause = RETRY_FIRST
        while True:
            try:
                await self._initialize()
            except (DatabaseDown, NotInitialized) as error:
                reason = getattr(error, "orig", None) or error
                log.warning("Failed to initialize cluster manager, will retry after %d ms: %s", pause * 1000, reason)
                await asyncio.sleep(max(0.2, self._runtime.scale.seconds(pause)))
                pause = min(2 * pause, RETRY_LAST)
            else:
                return

    async def _initialize(self) -> None:
        runtime = self._runtime
        if runtime.node.leads:
            if await asyncio.to_thread(create_database, runtime.settings.database, CORE_DATABASE):
                log.info("database created")
            await asyncio.to_thread(create_cluster_tables, runtime.store.engine)
        identity = await runtime.run(cluster_id)
        if identity is None:
            raise NotInitialized("no cluster identity")
        await refuse_newer_schema(runtime)
        if self._parts.single:
            runtime.cluster_id = single_identity(identity, runtime.settings.container_id)
            return
        runtime.cluster_id = identity
        await runtime.run(register_node, runtime.node)
        log.info("joined cluster %s as %s, incarnation %s", identity, runtime.name, runtime.node.incarnation)

    async def _stay_alive(self) -> None:
        runtime = self._runtime
        while True:
            await asyncio.sleep(runtime.scale.seconds(LIVENESS))
            try:
                if not self._parts.single and not await runtime.run(touch_node, runtime.node):
                    log.warning("this node was forgotten; joining again")
                    await runtime.run(register_node, runtime.node)
                await runtime.reload()
            except DatabaseDown as error:
                log.warning("liveness not written: %s", error.orig)
