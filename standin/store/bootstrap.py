"""Creates the databases and the cluster's first tables.

The client looks first and creates then, so two that start at once can collide: the loser sees the server's error.
"""

import uuid

from sqlalchemy import delete, insert, select, text
from sqlalchemy.engine import Connection, Engine

from standin.common.environment import Database
from standin.store.engine import server_connection
from standin.store.leases import create_lead_row
from standin.store.tables import CLUSTER_TABLES, cluster_info, metadata

CORE_DATABASE = "waent"
WEB_DATABASE = "waweb"
MIGRATING = "migrating"


def database_name(settings: Database, base: str) -> str:
    """The name of one of our databases on the server."""
    return settings.prefix + base


def create_database(settings: Database, base: str) -> bool:
    """Creates one of our databases unless it is there; True when created. Raises sqlalchemy's DBAPIError."""
    name = database_name(settings, base)
    mysql = settings.engine == "MYSQL"
    look = "SELECT 1 FROM information_schema.schemata WHERE schema_name = :name"
    if not mysql:
        look = "SELECT 1 FROM pg_database WHERE datname = :name"
    with server_connection(settings) as connection:
        if connection.execute(text(look), {"name": name}).first():
            return False
        quoted = connection.dialect.identifier_preparer.quote_identifier(name)
        connection.execute(text(f"CREATE DATABASE {quoted}" + (" CHARACTER SET utf8mb4" if mysql else "")))
        return True


def create_cluster_tables(engine: Engine) -> None:
    """The tables that masters need to elect a primary; raises sqlalchemy's DBAPIError when another is faster."""
    metadata.create_all(engine, tables=CLUSTER_TABLES)
    with engine.begin() as connection:
        create_lead_row(connection)
        if cluster_id(connection) is None:
            connection.execute(insert(cluster_info).values(name="cluster_id", value=uuid.uuid4().hex))


def is_migrating(connection: Connection) -> bool:
    """A primary master is migrating the schema, and no one serves meanwhile."""
    row = connection.execute(select(cluster_info.c.value).where(cluster_info.c.name == MIGRATING)).first()
    return row is not None


def set_migrating(connection: Connection, migrating: bool) -> bool:
    """Notes that a primary master begins or ends its migration; whether one was noted before."""
    before = is_migrating(connection)
    connection.execute(delete(cluster_info).where(cluster_info.c.name == MIGRATING))
    if migrating:
        connection.execute(insert(cluster_info).values(name=MIGRATING, value="1"))
    return before


def cluster_id(connection: Connection) -> str | None:
    """The installation's identity."""
    found: str | None = connection.execute(
        select(cluster_info.c.value).where(cluster_info.c.name == "cluster_id")
    ).scalar()
    return found
