"""The tables of messages, callbacks, contacts and media files in the coreapps' database."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from standin.store.tables import metadata

__all__ = ["callbacks", "contacts", "media", "messages", "metadata"]

_SERIAL = BigInteger().with_variant(Integer(), "sqlite")

# One row per message in either direction; status `queued` is the queue of what has to be sent. Times in ms.
messages = Table(
    "messages",
    metadata,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("message_id", String(64), nullable=False, unique=True),
    Column("slot", Integer, nullable=False),
    Column("direction", String(3), nullable=False),
    Column("peer", String(64), nullable=False),
    Column("type", String(16), nullable=False),
    Column("content", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("messages_queue", "status", "slot", "seq"),
)

# What the webhook has not taken yet.
callbacks = Table(
    "callbacks",
    metadata,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("slot", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("callbacks_queue", "slot", "seq"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("wa_id", String(64), primary_key=True),
    Column("is_user", Boolean, nullable=False),
    Column("checked_at", BigInteger, nullable=False),
    Column("identity", String(64), nullable=False),
    Column("acknowledged", Boolean, nullable=False),
)

# Files of the shared media directory; folder is incoming or outgoing.
media = Table(
    "media",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("folder", String(16), nullable=False),
    Column("mime_type", String(128), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
)
