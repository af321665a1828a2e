"""Contacts in SQL: which numbers use WhatsApp, and their identities."""

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from standin.store.clock import db_now
from standin.store.message_tables import contacts


@dataclass(frozen=True)
class Contact:
    """One checked number; age in ms since the check, identity is the hash of its key."""

    wa_id: str
    is_user: bool
    identity: str
    acknowledged: bool = False
    age: int = 0


def read_contact(connection: Connection, wa_id: str) -> Contact | None:
    """A contact, None when it has not been checked yet."""
    row = connection.execute(
        select(contacts, (db_now() - contacts.c.checked_at).label("age")).where(contacts.c.wa_id == wa_id)
    ).first()
    return Contact(row.wa_id, bool(row.is_user), row.identity, bool(row.acknowledged), row.age) if row else None


def write_contact(connection: Connection, contact: Contact) -> None:
    """Notes the outcome of a check made now."""
    done = connection.execute(
        update(contacts)
        .where(contacts.c.wa_id == contact.wa_id)
        .values(is_user=contact.is_user, checked_at=db_now(), identity=contact.identity)
    )
    if not done.rowcount:
        connection.execute(
            insert(contacts).values(
                wa_id=contact.wa_id,
                is_user=contact.is_user,
                checked_at=db_now(),
                identity=contact.identity,
                acknowledged=contact.acknowledged,
            )
        )


def acknowledge(connection: Connection, wa_id: str) -> None:
    """Notes that the business knows the contact's identity."""
    connection.execute(update(contacts).where(contacts.c.wa_id == wa_id).values(acknowledged=True))


def count_contacts(connection: Connection) -> dict[bool, int]:
    """Numbers that use WhatsApp, and those that do not: how many."""
    query = select(contacts.c.is_user, func.count().label("number")).group_by(contacts.c.is_user)
    return {bool(row.is_user): row.number for row in connection.execute(query)}
