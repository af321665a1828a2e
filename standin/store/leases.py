"""The master lease and the shard leases in SQL: each change is one statement that checks what it relies on.

Times are milliseconds of the database's clock. Safety needs no trust between masters: a shard changes its owner only
after the owner's lease has lapsed, and each change raises the epoch, so an older owner's renewal finds no row.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from standin.common.faults import lease_not_renewed
from standin.store.clock import db_now
from standin.store.tables import master_lease, shard_map


@dataclass(frozen=True)
class Lead:
    """The master lease as read: who holds it, under which epoch, and whether it is running."""

    holder: str
    incarnation: str
    epoch: int
    live: bool


@dataclass(frozen=True)
class Shard:
    """One shard's row; remaining and granted_age in milliseconds, remaining is below 0 once lapsed."""

    shard: int
    owner: str
    incarnation: str
    epoch: int
    remaining: int
    taken: bool
    revoked: bool
    granted_age: int
    reason: str

    @property
    def lapsed(self) -> bool:
        """No instance may act for this shard now."""
        return self.remaining < 0


def create_lead_row(connection: Connection) -> None:
    """The one row of the master lease, unless it is there."""
    if connection.execute(select(master_lease.c.id)).first() is None:
        connection.execute(insert(master_lease).values(id=1, holder="", incarnation="", epoch=0, expires_at=0))


def read_lead(connection: Connection) -> Lead:
    """Who is primary now."""
    columns = master_lease.c
    row = connection.execute(
        select(columns.holder, columns.incarnation, columns.epoch, (columns.expires_at - db_now()).label("left"))
    ).one()
    return Lead(row.holder, row.incarnation, row.epoch, row.left > 0)


def try_lead(connection: Connection, holder: str, incarnation: str, ttl: int) -> int | None:
    """Takes the lapsed master lease for ttl ms; the new epoch, or None when another holds it."""
    columns = master_lease.c
    taken = connection.execute(
        update(master_lease)
        .where(columns.id == 1, columns.expires_at < db_now())
        .values(holder=holder, incarnation=incarnation, epoch=columns.epoch + 1, expires_at=db_now() + ttl)
    )
    if not taken.rowcount:
        return None
    epoch: int = connection.execute(select(columns.epoch)).scalar_one()
    return epoch


def keep_lead(connection: Connection, incarnation: str, epoch: int, ttl: int) -> bool:
    """Renews the own master lease for ttl ms; False when it went to another."""
    columns = master_lease.c
    kept = connection.execute(
        update(master_lease)
        .where(columns.id == 1, columns.incarnation == incarnation, columns.epoch == epoch)
        .values(expires_at=db_now() + ttl)
    )
    return bool(kept.rowcount)


def leading(incarnation: str, epoch: int) -> Any:
    """A condition: this incarnation holds the master lease under this epoch now."""
    columns = master_lease.c
    return exists(
        select(columns.id).where(
            columns.incarnation == incarnation, columns.epoch == epoch, columns.expires_at > db_now()
        )
    )


def read_shards(connection: Connection) -> list[Shard]:
    """The shard map, by shard number."""
    columns = shard_map.c
    rows = connection.execute(
        select(
            shard_map,
            (columns.expires_at - db_now()).label("remaining"),
            (db_now() - columns.granted_at).label("granted_age"),
        ).order_by(columns.shard)
    )
    return [
        Shard(
            row.shard,
            row.owner,
            row.incarnation,
            row.epoch,
            row.remaining,
            row.expires_at > 0,
            bool(row.revoked),
            row.granted_age,
            row.reason,
        )
        for row in rows
    ]


def create_shards(connection: Connection, count: int) -> None:
    """Rows without owner for the shards 0 to count - 1 that have none yet."""
    present = set(connection.execute(select(shard_map.c.shard)).scalars())
    for shard in set(range(count)) - present:
        connection.execute(
            insert(shard_map).values(
                shard=shard, owner="", incarnation="", epoch=0, expires_at=0, revoked=False, granted_at=0, reason=""
            )
        )


def revoke_shard(connection: Connection, shard: Shard, reason: str, lead_incarnation: str, lead_epoch: int) -> bool:
    """Forbids the owner to renew; the lease still runs to its end. Only the primary master may."""
    columns = shard_map.c
    done = connection.execute(
        update(shard_map)
        .where(columns.shard == shard.shard, columns.epoch == shard.epoch, leading(lead_incarnation, lead_epoch))
        .values(revoked=True, reason=reason)
    )
    return bool(done.rowcount)


def grant_shard(
    connection: Connection,
    shard: Shard,
    owner: str,
    incarnation: str,
    reason: str,
    lead_incarnation: str,
    lead_epoch: int,
) -> int | None:
    """Gives a lapsed shard to a new owner under the next epoch, which it returns; None when it must not be done."""
    columns = shard_map.c
    done = connection.execute(
        update(shard_map)
        .where(
            and_(
                columns.shard == shard.shard,
                columns.epoch == shard.epoch,
                columns.expires_at < db_now(),
                leading(lead_incarnation, lead_epoch),
            )
        )
        .values(
            owner=owner,
            incarnation=incarnation,
            epoch=columns.epoch + 1,
            expires_at=0,
            revoked=False,
            granted_at=db_now(),
            reason=reason,
        )
    )
    return shard.epoch + 1 if done.rowcount else None


def renew_shard(connection: Connection, shard: int, incarnation: str, epoch: int, ttl: int) -> bool:
    """Takes or renews the own shard for ttl ms; False when it was revoked or given to another.

    Raises sqlalchemy's DBAPIError, also while the fault `lease-not-renewed` is there.
    """
    if lease_not_renewed():
        raise OperationalError("renewal of a shard's lease", {}, RuntimeError("refused (fault)"))
    columns = shard_map.c
    done = connection.execute(
        update(shard_map)
        .where(
            columns.shard == shard,
            columns.incarnation == incarnation,
            columns.epoch == epoch,
            columns.revoked.is_(False),
        )
        .values(expires_at=db_now() + ttl)
    )
    return bool(done.rowcount)
