"""The stand-in's SQL on SQLite with a clock that the test owns."""

from collections.abc import Callable

import sqlalchemy
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from standin.store import message_tables


def engine_with_clock(now: Callable[[], float]) -> Engine:
    """An empty database in memory with all tables; now gives its clock in seconds."""
    engine = sqlalchemy.create_engine("sqlite://", future=True, poolclass=StaticPool)

    @sqlalchemy.event.listens_for(engine, "connect")
    def register(connection: object, _record: object) -> None:
        connection.create_function("standin_now", 0, lambda: int(now() * 1000))  # type: ignore[attr-defined]
        connection.create_function("version", 0, lambda: "SQLite")  # type: ignore[attr-defined]

    message_tables.metadata.create_all(engine)
    return engine
