"""Connections to the database server: one small engine per logical database, used from a few threads."""

import asyncio
import contextlib
import logging
import select
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg2
import psycopg2.extensions
import sqlalchemy
from sqlalchemy.engine import URL, Connection, Engine

from standin.common.environment import Database
from standin.common.faults import database_refused, pass_unless_hung

T = TypeVar("T")
TIMEOUT = 5
# Seconds after which the server itself gives up: what a node that was cut off has locked must become free for its
# successor, and no one waits there for a client that has gone. MySQL, unlike MariaDB, only knows the idle time-out.
LOCK_WAIT = 3
IDLE_TRANSACTION = 10
THREADS = 3

log = logging.getLogger("database")

DatabaseDown = sqlalchemy.exc.DBAPIError


class PatientConnection(psycopg2.extensions.connection):
    """A PostgreSQL connection for long work: it waits for answers without end."""


def _wait_with_timeout(connection: Any) -> None:
    # libpq has no read timeout; a frozen server must not hold a thread for ever. To close the connection here would:
    # its lock is held by whoever waits, and the error closes it anyway.
    limit = None if isinstance(connection, PatientConnection) else TIMEOUT
    while True:
        state = connection.poll()
        if state == psycopg2.extensions.POLL_OK:
            return
        readers = [connection.fileno()] if state == psycopg2.extensions.POLL_READ else []
        writers = [] if readers else [connection.fileno()]
        if not any(select.select(readers, writers, [], limit)):
            raise psycopg2.OperationalError("the database server does not answer")


def url(settings: Database, name: str | None) -> URL:
    """The address of one logical database, None for the server itself."""
    driver = "mysql+pymysql" if settings.engine == "MYSQL" else "postgresql+psycopg2"
    database = name if name or settings.engine == "MYSQL" else "postgres"
    return URL.create(driver, settings.user, settings.password, settings.host, settings.port, database)


def _arguments(settings: Database, patient: bool) -> dict[str, Any]:
    if settings.engine == "MYSQL":
        limits = f", innodb_lock_wait_timeout={LOCK_WAIT} /*M!100300 , idle_transaction_timeout={IDLE_TRANSACTION} */"
        idle = f"wait_timeout={max(1, settings.idle_timeout_ms // 1000)}"
        arguments: dict[str, Any] = {
            "connect_timeout": TIMEOUT,
            "read_timeout": None if patient else TIMEOUT,
            "write_timeout": None if patient else TIMEOUT,
            "charset": "utf8mb4",
            "init_command": f"SET time_zone='+00:00', {idle}{'' if patient else limits}",
        }
        if settings.ssl_ca:
            arguments["ssl"] = {"ca": settings.ssl_ca} | (
                {"cert": settings.ssl_cert, "key": settings.ssl_key} if settings.ssl_cert else {}
            )
        return arguments
    limits = f" -c lock_timeout={LOCK_WAIT}s -c idle_in_transaction_session_timeout={IDLE_TRANSACTION}s"
    arguments = {"connect_timeout": TIMEOUT, "options": "-c timezone=UTC" + ("" if patient else limits)}
    if settings.ssl_ca:
        arguments |= {"sslmode": "verify-full", "sslrootcert": settings.ssl_ca}
        if settings.ssl_cert:
            arguments |= {"sslcert": settings.ssl_cert, "sslkey": settings.ssl_key}
    return arguments


def connect(settings: Database, name: str | None, patient: bool = False) -> Engine:
    """An engine for one logical database; connects when first used. A patient one waits without end for answers."""
    arguments = _arguments(settings, patient)
    if settings.engine == "PGSQL":
        psycopg2.extensions.set_wait_callback(_wait_with_timeout)
        arguments |= {"connection_factory": PatientConnection} if patient else {}
    engine = sqlalchemy.create_engine(
        url(settings, name),
        connect_args=arguments,
        pool_size=1,
        max_overflow=THREADS,
        pool_pre_ping=True,
        pool_recycle=max(1, settings.idle_timeout_ms // 1000 - 5),
        isolation_level="READ COMMITTED",
        future=True,
    )
    sqlalchemy.event.listen(engine, "checkout", _refuse_on_fault(engine))
    return engine


def _refuse_on_fault(engine: Engine) -> Callable[..., None]:
    def refuse(*_arguments: Any) -> None:
        if database_refused():
            raise engine.dialect.dbapi.OperationalError(2003, "Connection refused (fault)")

    return refuse


class Store:
    """Runs short pieces of database work in threads, each in one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="db")

    def call(self, work: Callable[[Connection], T]) -> T:
        """Runs the work now, in this thread; raises sqlalchemy's DBAPIError."""
        with self.engine.begin() as connection:
            return work(connection)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Runs the work in a thread; raises sqlalchemy's DBAPIError."""
        await pass_unless_hung()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.call, work)

    def close(self) -> None:
        """Gives the connections back without waiting for hanging ones."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.engine.dispose()


@contextmanager
def server_connection(settings: Database) -> Iterator[Connection]:
    """A connection to the server outside transactions, to create databases with."""
    engine = connect(settings, None)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection
    finally:
        with contextlib.suppress(DatabaseDown):
            engine.dispose()
