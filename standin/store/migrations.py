"""Schema levels: which store has which level in which version of the client, and how a level is reached."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, Engine

from standin.store import message_tables
from standin.store.message_upgrade import add_expiry
from standin.store.tables import config, schema_levels

Version = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One store's next level, the first version of the client that needs it, and the work to be done.

    rows is the part that grows with the data; it tells how many rows of how many are done.
    """

    store: str
    level: int
    since: Version
    apply: Callable[[Engine], None]
    rows: Callable[[Engine, Callable[[int, int], None]], None] | None = None


def _create_config(engine: Engine) -> None:
    config.create(engine, checkfirst=True)


def _create_messages(engine: Engine) -> None:
    message_tables.messages.create(engine, checkfirst=True)
    message_tables.media.create(engine, checkfirst=True)


def _create_callbacks(engine: Engine) -> None:
    message_tables.callbacks.create(engine, checkfirst=True)


def _create_contacts(engine: Engine) -> None:
    message_tables.contacts.create(engine, checkfirst=True)


def _nothing(_engine: Engine) -> None:
    # nothing beside what others create (the cluster store: see bootstrap) or its rows
    return


STEPS: tuple[Step, ...] = (
    Step("cluster", 1, (2, 53), _nothing),
    Step("config", 1, (2, 53), _create_config),
    Step("message", 1, (2, 53), _create_messages),
    Step("callback", 1, (2, 53), _create_callbacks),
    Step("contact", 1, (2, 53), _create_contacts),
    Step("axolotl", 1, (2, 53), _nothing),
    Step("message", 2, (2, 57), _nothing, add_expiry),
)


def parse_version(text: str) -> Version:
    """`2.57.2` as a tuple; raises ValueError."""
    return tuple(int(part) for part in text.lstrip("v").split("."))


def required_levels(version: str) -> dict[str, int]:
    """Store to level for one version of the client."""
    own = parse_version(version)
    return {step.store: step.level for step in STEPS if step.since <= own}


def read_levels(connection: Connection) -> dict[str, int]:
    """Store to level as it is in the database."""
    return {row.store: row.level for row in connection.execute(select(schema_levels))}


def is_current(levels: dict[str, int], version: str) -> bool:
    """Every store has at least the level that this version needs."""
    return all(levels.get(store, 0) >= level for store, level in required_levels(version).items())


def _quiet(_step: Step, _done: int, _total: int) -> None:
    return


def migrate(engine: Engine, version: str, progress: Callable[[Step, int, int], None] = _quiet) -> list[Step]:
    """Takes the missing steps in order and records each; which ones were taken. Raises sqlalchemy's DBAPIError."""
    own = parse_version(version)
    taken = []
    with engine.connect() as connection:
        levels = read_levels(connection)
    for step in STEPS:
        if step.since > own or levels.get(step.store, 0) >= step.level:
            continue
        step.apply(engine)
        if step.rows:
            step.rows(engine, partial(progress, step))
        with engine.begin() as connection:
            columns = schema_levels.c
            raised = connection.execute(
                update(schema_levels).where(columns.store == step.store).values(level=step.level)
            )
            if not raised.rowcount:
                connection.execute(insert(schema_levels).values(store=step.store, level=step.level))
        taken.append(step)
    return taken
