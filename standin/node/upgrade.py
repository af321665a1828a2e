"""WA_DB_UPGRADE=1: migrates the schema while the old version serves, then exits."""

import logging
import signal

from standin.common.environment import Database, NodeSettings
from standin.common.faults import MigrationFault
from standin.common.release import Release
from standin.node.base.schema import migrate_now
from standin.store.bootstrap import CORE_DATABASE, create_cluster_tables, create_database, database_name
from standin.store.engine import DatabaseDown, connect
from standin.store.known_hosts import refusal
from standin.store.migrations import read_levels

log = logging.getLogger("dbupgrade")


def _newer(database: Database, version: str) -> str:
    engine = connect(database, database_name(database, CORE_DATABASE))
    with engine.begin() as connection:
        reason = refusal(version, read_levels(connection), None)
    engine.dispose()
    return reason


def upgrade(settings: NodeSettings, release: Release) -> int:
    """0 when the schema is at this version's levels, 1 when not; with EXIT_ON_SUCCESS=FALSE success does not return."""
    database = settings.database
    try:
        create_database(database, CORE_DATABASE)
        engine = connect(database, database_name(database, CORE_DATABASE))
        create_cluster_tables(engine)
        engine.dispose()
        if reason := _newer(database, release.version):
            log.error("upgrade refused: %s", reason)
            return 1
        steps = migrate_now(database, release.version)
    except (DatabaseDown, MigrationFault) as error:
        log.error("upgrade failed: %s", getattr(error, "orig", None) or error)
        return 1
    for step in steps:
        log.info("store %s is at level %d", step.store, step.level)
    log.info("upgrade to %s done", release.version)
    while not settings.exit_on_success:
        signal.pause()
    return 0
