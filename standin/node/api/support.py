"""One node's part of GET /v1/support."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from standin.node.parts import Parts
from standin.store.migrations import read_levels
from standin.store.tables import schema_levels

STORES = ("axolotl", "callback", "cluster", "config", "contact", "jobqueue", "message")
PLACES = {
    "free_space_data": Path("/usr/local/waent/data"),
    "free_space_logs": Path("/usr/local/waent/logs"),
    "free_space_media_incoming": Path("/usr/local/wamedia/incoming"),
    "free_space_media_outgoing": Path("/usr/local/wamedia/outgoing"),
}
SECRET_WORDS = ("PASSWORD", "SECRET", "KEY", "TOKEN")
SOCKETS = {"connected": "UP", "connecting": "SC", "disconnected": "DN", "unregistered": "DN"}


def environment() -> list[str]:
    """The client's variables, secrets masked."""
    names = sorted(name for name in os.environ if name.startswith(("WA_", "COREAPP_", "ORCHESTRATION", "STANDIN_")))
    hidden = [any(word in name for word in SECRET_WORDS) for name in names]
    return [f"{name}={'***' if hide else os.environ[name]}" for name, hide in zip(names, hidden, strict=True)]


def free_space(place: Path) -> int:
    """Free bytes where a directory is, 0 when it is not there."""
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return 0


def _database(connection: Connection) -> tuple[list[str], dict[str, int]]:
    version = str(connection.execute(text("SELECT version()")).scalar())
    exists = connection.dialect.has_table(connection, schema_levels.name)
    return [version], read_levels(connection) if exists else {}


async def describe(parts: Parts) -> dict[str, Any]:
    """Everything documented about one node; raises sqlalchemy's DBAPIError."""
    runtime = parts.runtime
    account = runtime.account
    versions, levels = await runtime.run(_database)
    single = not runtime.settings.multiconnect
    system = os.uname()
    answer: dict[str, Any] = {
        "context": "healthcheck",
        "db_engine": runtime.settings.database.engine,
        "db_info": versions,
        "debug_info": account.number if account else "unregistered",
        "description": f"{runtime.release.version}-standin",
        "device_iso8601": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "e2e": {
            "identity_timestamp": account.registered_at if account else 0,
            "registration_id": int(runtime.cluster_id[:7] or "0", 16),
        },
        "env": environment(),
        "expire_timestamp": runtime.release.expire_timestamp,
        "lc": "US",
        "lg": "en",
        "multi_connect": not single,
        "os_name": "ubuntu-x86_64",
        "os_version": system.release,
        "schema": {store: levels.get(store, 0) for store in STORES},
        "socket_conn": SOCKETS.get(parts.gateway_status or "", "UNK"),
    }
    answer |= {name: free_space(place) for name, place in PLACES.items()}
    return answer if single else answer | {"role": parts.role, "shards": parts.shard_ranges}
