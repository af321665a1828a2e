"""The list of running nodes and their liveness in SQL."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from standin.store.clock import db_now
from standin.store.tables import nodes


@dataclass(frozen=True)
class Node:
    """One node: its name (`host:container id`), address, kind (master, coreapp or single); age in ms since alive."""

    name: str
    hostname: str
    ports: tuple[int, int, int, int]
    kind: str
    version: str
    incarnation: str
    started_at: int = 0
    age: int = 0

    @property
    def leads(self) -> bool:
        """May compete for the master lease."""
        return self.kind in {"master", "single"}

    @property
    def serves(self) -> bool:
        """May own shards."""
        return self.kind in {"coreapp", "single"}


def register_node(connection: Connection, node: Node) -> None:
    """Writes the node's row; a node that had the same address before is gone."""
    columns = nodes.c
    ports = ",".join(map(str, node.ports))
    same_address = (columns.hostname == node.hostname) & (columns.ports == ports)
    connection.execute(delete(nodes).where((columns.name == node.name) | same_address))
    connection.execute(
        insert(nodes).values(
            name=node.name,
            hostname=node.hostname,
            ports=ports,
            kind=node.kind,
            version=node.version,
            incarnation=node.incarnation,
            started_at=db_now(),
            alive_at=db_now(),
        )
    )


def touch_node(connection: Connection, node: Node) -> bool:
    """Writes the liveness; False when the row is gone."""
    done = connection.execute(
        update(nodes)
        .where(nodes.c.name == node.name, nodes.c.incarnation == node.incarnation)
        .values(alive_at=db_now())
    )
    return bool(done.rowcount)


def read_nodes(connection: Connection) -> list[Node]:
    """All nodes, those that run longest first."""
    rows = connection.execute(
        select(nodes, (db_now() - nodes.c.alive_at).label("age")).order_by(nodes.c.started_at, nodes.c.name)
    )
    return [
        Node(
            row.name,
            row.hostname,
            tuple(int(port) for port in row.ports.split(",")),  # type: ignore[arg-type]
            row.kind,
            row.version,
            row.incarnation,
            row.started_at,
            row.age,
        )
        for row in rows
    ]


def forget_nodes(connection: Connection, older_than: int) -> int:
    """Removes the nodes that have been silent for more than so many ms; how many."""
    gone = connection.execute(delete(nodes).where(nodes.c.alive_at < db_now() - older_than))
    count: int = gone.rowcount
    return count
