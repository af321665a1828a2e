"""The schema as a node sees it: the primary master migrates, the others wait."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable

from standin.common.environment import Database
from standin.common.faults import MigrationFault, check_migration
from standin.node.base.runtime import MIN_TIMEOUT, Runtime
from standin.store.bootstrap import CORE_DATABASE, database_name, set_migrating
from standin.store.engine import DatabaseDown, connect
from standin.store.failures import already_there
from standin.store.known_hosts import Levels, read_known, refusal, remember
from standin.store.migrations import Step, is_current, migrate, read_levels

log = logging.getLogger("schema")
Tell = Callable[[Runtime], Awaitable[None]]
POLL = 1.0
EXIT_REFUSED = 3
PERCENT_STEP = 5


def reporter() -> Callable[[Step, int, int], None]:
    """Logs the rows done of a step's total, each time five more percent are done; raises MigrationFault."""
    reported: dict[str, int] = {}

    def report(step: Step, done: int, total: int) -> None:
        percent = 100 * done // total if total else 100
        check_migration(percent)
        mark = percent - percent % PERCENT_STEP
        if reported.get(step.store) != mark:
            reported[step.store] = mark
            log.info("store %s to level %d: %d %% (%d of %d rows)", step.store, step.level, percent, done, total)

    return report


def migrate_now(settings: Database, version: str) -> list[Step]:
    """Migrates over a connection of its own that waits as long as it takes; raises MigrationFault, DBAPIError."""
    engine = connect(settings, database_name(settings, CORE_DATABASE), patient=True)
    try:
        return migrate(engine, version, reporter())
    finally:
        engine.dispose()


def _refuse(reason: str) -> None:
    log.critical("this node does not start: %s", reason)
    logging.shutdown()
    os._exit(EXIT_REFUSED)


async def refuse_newer_schema(runtime: Runtime) -> Levels:
    """The schema's levels; ends the process where they are newer than this version may run on."""
    levels, known = await runtime.store.run(
        lambda connection: (read_levels(connection), read_known(connection, runtime.node.hostname))
    )
    reason = refusal(runtime.release.version, levels, known)
    if reason:
        _refuse(reason)
    return levels


async def _ready(runtime: Runtime, levels: Levels) -> None:
    try:
        await runtime.run(remember, runtime.node.hostname, levels)
    except DatabaseDown as error:
        if not already_there(error):  # another node of this host was faster
            raise
    runtime.schema_ready = True
    await runtime.reload()
    log.info("stores are at %s", levels)


async def bring_up_to_date(runtime: Runtime, tell_all: Tell) -> None:
    """The primary's way: migrate what is missing, while every node is uninitialized; then this one is initialized."""
    while True:
        try:
            levels = await refuse_newer_schema(runtime)
            if not is_current(levels, runtime.release.version):
                await _migrate(runtime, tell_all)
                levels = await refuse_newer_schema(runtime)
            if await runtime.run(set_migrating, False):
                await tell_all(runtime)
            return await _ready(runtime, levels)
        except (DatabaseDown, MigrationFault) as error:
            log.warning("schema: %s", getattr(error, "orig", None) or error)
            await asyncio.sleep(max(MIN_TIMEOUT, runtime.scale.seconds(POLL)))


async def _migrate(runtime: Runtime, tell_all: Tell) -> None:
    log.warning("schema upgrade to %s begins; no node serves until it ends", runtime.release.version)
    await runtime.run(set_migrating, True)
    await tell_all(runtime)
    for step in await asyncio.to_thread(migrate_now, runtime.settings.database, runtime.release.version):
        log.info("store %s is at level %d", step.store, step.level)


async def wait_for_schema(runtime: Runtime) -> None:
    """The others' way: wait until the levels suffice; then the node is initialized."""
    while not runtime.schema_ready:
        try:
            levels = await refuse_newer_schema(runtime)
            if is_current(levels, runtime.release.version):
                return await _ready(runtime, levels)
        except DatabaseDown as error:
            log.warning("schema: %s", error.orig)
        await asyncio.sleep(max(MIN_TIMEOUT, runtime.scale.seconds(POLL)))
    return None
