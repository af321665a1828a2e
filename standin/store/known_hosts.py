"""Which host names have run on which schema: an older version may run on a newer schema only where it was before."""

import json

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from standin.store.migrations import required_levels
from standin.store.tables import known_hosts

Levels = dict[str, int]


def lowest(known: Levels | None, levels: Levels) -> Levels:
    """The lowest level of each store that a host has run on, once it runs on these; a missing store is level 0."""
    if known is None:
        return levels
    return {store: min(known.get(store, 0), levels.get(store, 0)) for store in {*known, *levels}}


def refusal(version: str, levels: Levels, known: Levels | None) -> str:
    """Why a version must not run on these levels on a host that has run on others before; '' when it may."""
    own = required_levels(version)
    newer = {store: level for store, level in levels.items() if level > own.get(store, 0)}
    if not newer:
        return ""
    if known is not None and all(known.get(store, 0) <= own.get(store, 0) for store in newer):
        return ""
    found = ", ".join(f"{store} {level} (this version: {own.get(store, 0)})" for store, level in sorted(newer.items()))
    return f"the schema is newer than version {version}: {found}; no node of this host name ran on the one before"


def read_known(connection: Connection, hostname: str) -> Levels | None:
    """The lowest levels that a host name has run on, None for a new one."""
    found = connection.execute(select(known_hosts.c.levels).where(known_hosts.c.hostname == hostname)).scalar()
    return json.loads(found) if found is not None else None


def remember(connection: Connection, hostname: str, levels: Levels) -> None:
    """Notes that a host name runs on these levels."""
    known = read_known(connection, hostname)
    text = json.dumps(lowest(known, levels))
    if known is None:
        connection.execute(insert(known_hosts).values(hostname=hostname, levels=text))
    else:
        connection.execute(update(known_hosts).where(known_hosts.c.hostname == hostname).values(levels=text))
