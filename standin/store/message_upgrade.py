"""The message store's second level: when a message that was not delivered expires, for every message there is."""

from collections.abc import Callable

import sqlalchemy
from sqlalchemy import BigInteger, column, func, select, table, text, update
from sqlalchemy.engine import Engine

from standin.store.engine import DatabaseDown
from standin.store.failures import already_there
from standin.store.message_tables import messages

Progress = Callable[[int, int], None]
DAY_MS = 86_400_000
BATCH = 5000
EXPIRES = "expires_at"


def _add_column(engine: Engine) -> None:
    if EXPIRES in {entry["name"] for entry in sqlalchemy.inspect(engine).get_columns(messages.name)}:
        return
    try:
        with engine.begin() as connection:  # nullable, so that the version before can still write
            connection.execute(text(f"ALTER TABLE {messages.name} ADD COLUMN {EXPIRES} BIGINT NULL"))
    except DatabaseDown as error:
        if not already_there(error):
            raise


def add_expiry(engine: Engine, progress: Progress) -> None:
    """Adds the column and fills it in short transactions, so that the version before works on.

    Starts anew without harm where it was interrupted; raises sqlalchemy's DBAPIError.
    """
    _add_column(engine)
    expiring = table(messages.name, column("seq"), column("created_at"), column(EXPIRES, BigInteger))
    missing = expiring.c[EXPIRES].is_(None)
    with engine.begin() as connection:
        query = select(func.count(), func.min(expiring.c.seq), func.max(expiring.c.seq)).where(missing)
        total, first, last = connection.execute(query).one()
    done = 0
    for start in range(first, last + 1, BATCH) if total else ():
        progress(done, total)
        with engine.begin() as connection:
            filled = connection.execute(
                update(expiring)
                .where(expiring.c.seq.between(start, start + BATCH - 1), missing)
                .values({EXPIRES: expiring.c.created_at + DAY_MS})
            )
        done += filled.rowcount
    progress(total, total)
