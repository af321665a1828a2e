"""`standinctl seed-messages N`, in a coreapp's container: adds N finished messages to the table `messages`, fast.

The rows are old enough for PUT /v1/services/message/gc to remove them, and too young for the automatic collection.
"""

import secrets
import time

from sqlalchemy import String, cast, insert, literal, select
from sqlalchemy.engine import Engine

from standin.common.environment import EnvironmentProblem, node_settings
from standin.common.sharding import SLOTS
from standin.common.timing import Scale
from standin.store.bootstrap import CORE_DATABASE, database_name
from standin.store.engine import DatabaseDown, connect
from standin.store.message_tables import messages
from standin.store.messages import DELIVERED

CHUNK = 100_000
AGE = 2 * 3600.0
CONTENT = '{"body": "seeded"}'


def _first_row(engine: Engine, run: str, created_at: int) -> int:
    with engine.begin() as connection:
        connection.execute(
            insert(messages).values(
                message_id=f"{run}.first",
                slot=0,
                direction="out",
                peer="4915000000000",
                type="text",
                content=CONTENT,
                status=DELIVERED,
                created_at=created_at,
            )
        )
        seq: int = connection.execute(
            select(messages.c.seq).where(messages.c.message_id == f"{run}.first")
        ).scalar_one()
        return seq


def _copy(engine: Engine, first: int, run: str, statement: int, count: int, created_at: int) -> None:
    """Copies up to count of the rows that this run has made, each under a new id."""
    columns = messages.c
    source = (
        select(
            literal(f"{run}.{statement}.").concat(cast(columns.seq, String)),
            columns.seq % SLOTS,
            literal("out"),
            columns.peer,
            columns.type,
            columns.content,
            columns.status,
            literal(created_at),
        )
        .where(columns.seq >= first, columns.message_id.like(f"{run}.%"))
        .limit(count)
    )
    names = ["message_id", "slot", "direction", "peer", "type", "content", "status", "created_at"]
    with engine.begin() as connection:
        connection.execute(insert(messages).from_select(names, source))


def seed(engine: Engine, count: int, created_at: int) -> None:
    """Adds count rows made at a time (Unix ms); raises sqlalchemy's DBAPIError."""
    if count < 1:
        return
    run = f"seed-{secrets.token_hex(4)}"
    first, done, statement = _first_row(engine, run, created_at), 1, 0
    while done < count:
        some = min(done, CHUNK, count - done)
        statement += 1
        _copy(engine, first, run, statement, some, created_at)
        done += some


def run(count: int) -> str:
    """`standinctl seed-messages`; what to print. Raises SystemExit with the reason when it cannot be done."""
    began = time.monotonic()
    created_at = int((time.time() - Scale.from_env().seconds(AGE)) * 1000)
    try:
        database = node_settings().database
        seed(connect(database, database_name(database, CORE_DATABASE), patient=True), count, created_at)
    except (EnvironmentProblem, DatabaseDown) as error:
        raise SystemExit(f"standinctl: {error}") from error
    return f"{count} messages added in {time.monotonic() - began:.0f} s"
