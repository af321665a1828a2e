"""The number of shards and the coreapps' restart that a change of it orders, in SQL.

One transaction changes the number, takes every shard from its owner (whose lease still runs to its end) and names the
incarnations that have to restart: none of them is given a shard again.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, true, update
from sqlalchemy.engine import Connection

from standin.store.clock import db_now
from standin.store.config import PENDING, Account, read_account, read_value, write_account, write_value
from standin.store.leases import create_shards, leading
from standin.store.nodes import Node, read_nodes
from standin.store.tables import shard_map

RESTART = "restart_order"
CHANGED = "shards"
KEEP = 500


class NotLeading(Exception):
    """The caller is not the primary master any more; nothing has been changed."""


@dataclass(frozen=True)
class RestartOrder:
    """Which incarnations have to restart; age in milliseconds since the order, large when there was none."""

    incarnations: frozenset[str]
    age: int


NO_ORDER = RestartOrder(frozenset(), 1 << 62)


def read_order(connection: Connection) -> RestartOrder:
    """The last order to restart."""
    value = read_value(connection, RESTART)
    if not value:
        return NO_ORDER
    now: int = connection.execute(select(db_now())).scalar_one()
    return RestartOrder(frozenset(value["incarnations"]), now - value["at"])


def order_restart(connection: Connection, *others: str) -> None:
    """Every coreapp that runs now, and other incarnations, have to restart; orders not yet followed stay."""
    earlier = read_value(connection, RESTART) or {"incarnations": []}
    serving = [node.incarnation for node in read_nodes(connection) if node.serves]
    named = list(dict.fromkeys([*others, *serving, *earlier["incarnations"]]))[:KEEP]
    now: int = connection.execute(select(db_now())).scalar_one()
    write_value(connection, RESTART, {"incarnations": named, "at": now})


def take_all_shards(connection: Connection, count: int, condition: Any) -> bool:
    """Makes rows for count shards and takes all from their owners; False when the condition does not hold."""
    create_shards(connection, count)
    done = connection.execute(update(shard_map).where(condition).values(revoked=True, reason=CHANGED))
    return bool(done.rowcount)


def change_shards(
    connection: Connection, account: Account, shards: int, lead_incarnation: str, lead_epoch: int
) -> Account:
    """Sets the number of shards and orders the restart; the account as it is then. Raises NotLeading."""
    if not take_all_shards(connection, shards, leading(lead_incarnation, lead_epoch)):
        raise NotLeading
    changed = replace(account, shards=shards)
    write_account(connection, changed)
    order_restart(connection)
    return changed


def register_account(connection: Connection, account: Account, node: Node) -> None:
    """Stores a registration by this node; another number than before has every coreapp restart."""
    before = read_account(connection)
    write_account(connection, account)
    write_value(connection, PENDING, None)
    if before is not None and before.number != account.number:
        take_all_shards(connection, account.shards, true())
        order_restart(connection, *([node.incarnation] if node.kind == "single" else []))
