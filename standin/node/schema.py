"""The schema as a node sees it: the primary master migrates, the others wait."""

import asyncio
import logging

from standin.common.environment import Database
from standin.node.runtime import MIN_TIMEOUT, Runtime
from standin.store.bootstrap import CORE_DATABASE, database_name
from standin.store.engine import DatabaseDown, connect
from standin.store.migrations import Step, is_current, migrate, read_levels

log = logging.getLogger("schema")
POLL = 1.0


def migrate_now(settings: Database, version: str) -> list[Step]:
    """Migrates over a connection of its own that waits as long as it takes; raises sqlalchemy's DBAPIError."""
    engine = connect(settings, database_name(settings, CORE_DATABASE), patient=True)
    try:
        return migrate(engine, version)
    finally:
        engine.dispose()


async def bring_up_to_date(runtime: Runtime) -> None:
    """The primary's way: migrate what is missing, retrying; then the node is initialized."""
    while not runtime.initialized:
        try:
            for step in await asyncio.to_thread(migrate_now, runtime.settings.database, runtime.release.version):
                log.info("store %s is at level %d", step.store, step.level)
            runtime.initialized = True
            await runtime.reload()
        except DatabaseDown as error:
            log.warning("schema: %s", error.orig)
            await asyncio.sleep(max(MIN_TIMEOUT, runtime.scale.seconds(POLL)))


async def wait_for_schema(runtime: Runtime) -> None:
    """The others' way: wait until the levels suffice; then the node is initialized."""
    while not runtime.initialized:
        try:
            levels = await runtime.run(read_levels)
            if is_current(levels, runtime.release.version):
                runtime.initialized = True
                await runtime.reload()
                log.info("stores are at %s", levels)
                return
        except DatabaseDown as error:
            log.warning("schema: %s", error.orig)
        await asyncio.sleep(max(MIN_TIMEOUT, runtime.scale.seconds(POLL)))
