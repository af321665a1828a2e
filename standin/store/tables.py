"""The tables of the coreapps' database (`<prefix>waent`); later levels are in `migrations`."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.mysql import MEDIUMTEXT

metadata = MetaData()

# One row per store: the level that its tables are on.
schema_levels = Table(
    "schema_levels",
    metadata,
    Column("store", String(32), primary_key=True),
    Column("level", Integer, nullable=False),
)

# cluster_id: the installation's identity towards WhatsApp.
cluster_info = Table(
    "cluster_info",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(255), nullable=False),
)

# One row per running node; times in ms of the database's clock.
nodes = Table(
    "nodes",
    metadata,
    Column("name", String(190), primary_key=True),
    Column("hostname", String(160), nullable=False),
    Column("ports", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("version", String(32), nullable=False),
    Column("incarnation", String(32), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("alive_at", BigInteger, nullable=False),
)

# One row (id 1): who is primary master, until when; the epoch grows with each new holder.
master_lease = Table(
    "master_lease",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("holder", String(190), nullable=False),
    Column("incarnation", String(32), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

# One row per shard: its owner, and until when the owner may act; expires_at 0 = granted, not yet taken.
shard_map = Table(
    "shard_map",
    metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("owner", String(190), nullable=False),
    Column("incarnation", String(32), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    Column("reason", String(32), nullable=False),
)

# Settings, registration and the like: one JSON value a name.
config = Table(
    "config",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text().with_variant(MEDIUMTEXT(), "mysql"), nullable=False),
)

# Host names on which nodes have run, and the lowest level of each store that they ran on (JSON).
known_hosts = Table(
    "known_hosts",
    metadata,
    Column("hostname", String(160), primary_key=True),
    Column("levels", Text, nullable=False),
)

CLUSTER_TABLES = [schema_levels, cluster_info, nodes, master_lease, shard_map, known_hosts]
