"""What the webhook has not taken yet, in SQL."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.engine import Connection

from standin.store.clock import db_now
from standin.store.message_tables import callbacks

STATUS, INBOUND, SERVICE = "status_change", "inbound_message", "service"


@dataclass(frozen=True)
class Callback:
    """One request to the webhook; seq is its row, 0 when it is kept in memory only."""

    slot: int
    kind: str
    payload: dict[str, Any]
    seq: int = 0


def add_callbacks(connection: Connection, added: list[Callback]) -> None:
    """Keeps callbacks."""
    if added:
        now = connection.execute(select(db_now())).scalar_one()
        connection.execute(
            insert(callbacks),
            [
                {"slot": one.slot, "kind": one.kind, "payload": json.dumps(one.payload), "created_at": now}
                for one in added
            ],
        )


def read_callbacks(connection: Connection, slots: list[int], limit: int) -> list[Callback]:
    """The oldest callbacks of these slots."""
    columns = callbacks.c
    rows = connection.execute(select(callbacks).where(columns.slot.in_(slots)).order_by(columns.seq).limit(limit))
    return [Callback(row.slot, row.kind, json.loads(row.payload), row.seq) for row in rows]


def remove_callbacks(connection: Connection, rows: list[int]) -> None:
    """Forgets callbacks that the webhook has taken."""
    connection.execute(delete(callbacks).where(callbacks.c.seq.in_(rows)))


def count_callbacks(connection: Connection, slots: list[int] | None = None) -> int:
    """How many callbacks wait, of these slots or of all."""
    query = select(func.count()).select_from(callbacks)
    if slots is not None:
        query = query.where(callbacks.c.slot.in_(slots))
    found: int = connection.execute(query).scalar_one()
    return found
