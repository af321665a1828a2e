"""Media files in SQL."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from standin.store.clock import db_now
from standin.store.message_tables import media


@dataclass(frozen=True)
class Medium:
    """One file; folder is incoming or outgoing, size in bytes."""

    id: str
    folder: str
    mime_type: str
    size: int


def add_medium(connection: Connection, medium: Medium) -> None:
    """Notes a file; one that is noted already stays as it is."""
    if read_medium(connection, medium.id):
        return
    connection.execute(
        insert(media).values(
            id=medium.id,
            folder=medium.folder,
            mime_type=medium.mime_type,
            size=medium.size,
            created_at=db_now(),
            used_at=db_now(),
        )
    )


def read_medium(connection: Connection, name: str) -> Medium | None:
    """A file's facts, None when there is none of that id."""
    row = connection.execute(select(media).where(media.c.id == name)).first()
    return Medium(row.id, row.folder, row.mime_type, row.size) if row else None


def use_medium(connection: Connection, name: str) -> Medium | None:
    """A file's facts, noting that it was used now; None when there is none of that id."""
    connection.execute(update(media).where(media.c.id == name).values(used_at=db_now()))
    return read_medium(connection, name)


def remove_medium(connection: Connection, name: str) -> None:
    """Forgets a file."""
    connection.execute(delete(media).where(media.c.id == name))


def unused_media(connection: Connection, older_than: int, limit: int) -> list[Medium]:
    """Files that were used last more than so many ms ago."""
    rows = connection.execute(select(media).where(media.c.used_at < db_now() - older_than).limit(limit))
    return [Medium(row.id, row.folder, row.mime_type, row.size) for row in rows]
