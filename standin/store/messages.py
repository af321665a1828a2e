"""Messages in SQL: the queue of what has to be sent, and what became of it."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from standin.store.clock import db_now
from standin.store.message_tables import messages

QUEUED, SENT, DELIVERED, READ, FAILED = "queued", "sent", "delivered", "read", "failed"
RECEIVED = "received"
# A status replaces only those before it, whatever order the news come in.
_BEFORE = {SENT: [QUEUED], DELIVERED: [QUEUED, SENT], READ: [QUEUED, SENT, DELIVERED], FAILED: [QUEUED, SENT]}
FINISHED = [DELIVERED, READ, FAILED]


@dataclass(frozen=True)
class Message:
    """One message; peer is the other side's WhatsApp id, content what the API was given for its type."""

    id: str
    slot: int
    peer: str
    type: str
    content: dict[str, Any]


def _add(connection: Connection, message: Message, direction: str, status: str) -> None:
    connection.execute(
        insert(messages).values(
            message_id=message.id,
            slot=message.slot,
            direction=direction,
            peer=message.peer,
            type=message.type,
            content=json.dumps(message.content),
            status=status,
            created_at=db_now(),
        )
    )


def enqueue(connection: Connection, message: Message) -> None:
    """Adds a message that has to be sent."""
    _add(connection, message, "out", QUEUED)


def add_inbound(connection: Connection, message: Message) -> bool:
    """Adds a message that came in; False when it is known already."""
    if connection.execute(select(messages.c.seq).where(messages.c.message_id == message.id)).first():
        return False
    _add(connection, message, "in", RECEIVED)
    return True


def queued(connection: Connection, slots: list[int], limit: int) -> list[Message]:
    """The oldest messages of these slots that have to be sent."""
    columns = messages.c
    rows = connection.execute(
        select(columns.message_id, columns.slot, columns.peer, columns.type, columns.content)
        .where(columns.status == QUEUED, columns.slot.in_(slots))
        .order_by(columns.seq)
        .limit(limit)
    )
    return [Message(row.message_id, row.slot, row.peer, row.type, json.loads(row.content)) for row in rows]


def advance(connection: Connection, message_id: str, status: str) -> bool:
    """Notes a later status of a message; False when it has this or a later one, or is gone."""
    done = connection.execute(
        update(messages)
        .where(messages.c.message_id == message_id, messages.c.status.in_(_BEFORE[status]))
        .values(status=status)
    )
    return bool(done.rowcount)


def advance_many(connection: Connection, message_ids: list[str], status: str) -> None:
    """Notes a later status of several messages, of those that do not have it or a later one."""
    connection.execute(
        update(messages)
        .where(messages.c.message_id.in_(message_ids), messages.c.status.in_(_BEFORE[status]))
        .values(status=status)
    )


def exists(connection: Connection, message_id: str) -> bool:
    """The message has not been collected yet."""
    return connection.execute(select(messages.c.seq).where(messages.c.message_id == message_id)).first() is not None


def mark_read(connection: Connection, message_id: str) -> bool:
    """Notes that the business has read an inbound message; False when there is none of that id."""
    inbound = (messages.c.message_id == message_id) & (messages.c.direction == "in")
    if connection.execute(select(messages.c.seq).where(inbound)).first() is None:
        return False
    connection.execute(update(messages).where(inbound).values(status=READ))
    return True


def expired(connection: Connection, slots: list[int], older_than: int, limit: int) -> list[Message]:
    """Messages of these slots that have waited for more than so many ms."""
    columns = messages.c
    rows = connection.execute(
        select(columns.message_id, columns.slot, columns.peer, columns.type)
        .where(columns.status == QUEUED, columns.slot.in_(slots), columns.created_at < db_now() - older_than)
        .limit(limit)
    )
    return [Message(row.message_id, row.slot, row.peer, row.type, {}) for row in rows]


def count_queued(connection: Connection, slots: list[int] | None = None) -> int:
    """How many messages have to be sent, of these slots or of all."""
    query = select(func.count()).select_from(messages).where(messages.c.status == QUEUED)
    if slots is not None:
        query = query.where(messages.c.slot.in_(slots))
    found: int = connection.execute(query).scalar_one()
    return found


def count_by_type(connection: Connection) -> dict[str, int]:
    """Type to number of messages."""
    rows = connection.execute(select(messages.c.type, func.count().label("number")).group_by(messages.c.type))
    return {row.type: row.number for row in rows}


def count_receipts(connection: Connection) -> int:
    """How many messages have been delivered or read."""
    query = select(func.count()).select_from(messages).where(messages.c.status.in_([DELIVERED, READ]))
    found: int = connection.execute(query).scalar_one()
    return found


def span(connection: Connection) -> tuple[int, int]:
    """The first and the last row's number; (0, -1) when there is none."""
    row = connection.execute(select(func.min(messages.c.seq).label("a"), func.max(messages.c.seq).label("b"))).one()
    return (0, -1) if row.a is None else (row.a, row.b)


def collect(connection: Connection, first: int, last: int, slots: list[int], older_than: int) -> int:
    """Removes finished messages of these slots in a range of row numbers, when older than so many ms; how many."""
    columns = messages.c
    gone = connection.execute(
        delete(messages).where(
            columns.seq.between(first, last),
            columns.slot.in_(slots),
            columns.status.in_(FINISHED),
            columns.created_at < db_now() - older_than,
        )
    )
    count: int = gone.rowcount
    return count
