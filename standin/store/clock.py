"""The database's clock in milliseconds: the only time that leases are written in."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class db_now(FunctionElement):
    """Milliseconds since 1970 as the database server sees them."""

    type = BigInteger()
    inherit_cache = True
    name = "db_now"


@compiles(db_now, "mysql")
def _mysql(*_args: Any, **_options: Any) -> str:
    return "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000 AS SIGNED)"


@compiles(db_now, "postgresql")
def _postgresql(*_args: Any, **_options: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


@compiles(db_now, "sqlite")
def _sqlite(*_args: Any, **_options: Any) -> str:
    return "standin_now()"  # registered by the tests, which own the time
