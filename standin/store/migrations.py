"""Schema levels: which store has which level in which version of the client, and how a level is reached."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, Engine

from standin.store.tables import config, schema_levels

Version = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One store's next level, the first version of the client that needs it, and the work to be done."""

    store: str
    level: int
    since: Version
    apply: Callable[[Engine], None]


def _create_config(engine: Engine) -> None:
    config.create(engine, checkfirst=True)


def _nothing(_engine: Engine) -> None:
    # the cluster store's tables must exist before anyone may lead, see bootstrap
    return


STEPS: tuple[Step, ...] = (
    Step("cluster", 1, (2, 53), _nothing),
    Step("config", 1, (2, 53), _create_config),
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


def migrate(engine: Engine, version: str) -> list[Step]:
    """Takes the missing steps in order and records each; which ones were taken. Raises sqlalchemy's DBAPIError."""
    own = parse_version(version)
    taken = []
    with engine.connect() as connection:
        levels = read_levels(connection)
    for step in STEPS:
        if step.since > own or levels.get(step.store, 0) >= step.level:
            continue
        step.apply(engine)
        with engine.begin() as connection:
            columns = schema_levels.c
            raised = connection.execute(
                update(schema_levels).where(columns.store == step.store).values(level=step.level)
            )
            if not raised.rowcount:
                connection.execute(insert(schema_levels).values(store=step.store, level=step.level))
        taken.append(step)
    return taken
