"""Sticker packs of the business in SQL: each is one of the cluster's named JSON values."""

import json
from dataclasses import asdict, dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from standin.store.clock import db_now
from standin.store.config import write_value
from standin.store.tables import config

PREFIX = "stickerpack:"


@dataclass
class Sticker:
    """One sticker: the media file that it shows, and what it stands for."""

    image_data_id: str
    emojis: list[str]


@dataclass
class Pack:
    """One pack: its names and links, its stickers by index, the index of the next one, and when it was made (ms)."""

    facts: dict[str, str]
    created_at: int
    stickers: dict[str, Sticker] = field(default_factory=dict)
    following: int = 0

    def add(self, sticker: Sticker) -> str:
        """Adds a sticker; its index, which no other one of the pack ever has."""
        index = str(self.following)
        self.stickers[index] = sticker
        self.following += 1
        return index


def _pack(text: str) -> Pack:
    value = json.loads(text)
    value["stickers"] = {index: Sticker(**sticker) for index, sticker in value["stickers"].items()}
    return Pack(**value)


def add_pack(connection: Connection, name: str, facts: dict[str, str]) -> None:
    """Adds a pack without stickers under an id."""
    now: int = connection.execute(select(db_now())).scalar_one()
    write_pack(connection, name, Pack(facts, now))


def read_packs(connection: Connection) -> list[str]:
    """The ids of all packs, the oldest first."""
    rows = connection.execute(select(config).where(config.c.name.startswith(PREFIX)))
    packs = sorted((_pack(row.value).created_at, row.name) for row in rows)
    return [name.removeprefix(PREFIX) for _, name in packs]


def read_pack(connection: Connection, name: str) -> Pack | None:
    """A pack, None when there is none of that id; no one else changes it before this transaction ends."""
    query = select(config.c.value).where(config.c.name == PREFIX + name).with_for_update()
    text = connection.execute(query).scalar()
    return _pack(text) if text is not None else None


def write_pack(connection: Connection, name: str, pack: Pack) -> None:
    """Writes a pack."""
    write_value(connection, PREFIX + name, asdict(pack))


def remove_pack(connection: Connection, name: str) -> None:
    """Removes a pack with its stickers."""
    connection.execute(delete(config).where(config.c.name == PREFIX + name))
