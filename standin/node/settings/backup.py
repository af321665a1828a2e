"""Backup and restore of the client's settings and registration, by the primary master."""

import asyncio
import logging
from dataclasses import asdict
from typing import Any

from sqlalchemy.engine import Connection

from standin.common import fields, sealing
from standin.common.errors import ApiError
from standin.common.peers import PeerDown
from standin.node.base.answering import Answer
from standin.node.base.ending import end_soon
from standin.node.base.runtime import Runtime
from standin.node.base.telling import tell_all
from standin.node.settings.application import PENDING as PENDING_SETTINGS
from standin.node.settings.media_providers import PROVIDERS
from standin.node.settings.profile import ABOUT, COMPLIANCE, PHOTO, PROFILE
from standin.store.config import (
    APPLICATION,
    TWO_STEP,
    Account,
    read_account,
    read_shard_count,
    read_value,
    write_account,
    write_value,
)
from standin.store.leases import read_shards
from standin.store.nodes import Node, read_nodes

log = logging.getLogger("backup")
FORM = 1
KEPT = (APPLICATION, TWO_STEP, PROFILE, COMPLIANCE, ABOUT, PHOTO, PROVIDERS)
RESTORED = "application restored: start the containers again"


def _collect(connection: Connection) -> dict[str, Any]:
    account = read_account(connection)
    if account is None:
        raise ApiError(1025, "No phone number is registered: there is nothing to back up")
    return {"account": asdict(account), "values": {name: read_value(connection, name) for name in KEPT}}


async def backup(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """Registration and settings as encrypted text, without messages; raises ApiError."""
    password = fields.text(body, "password")
    content = {"form": FORM, "multiconnect": runtime.settings.multiconnect} | await runtime.run(_collect)
    log.info("settings exported")
    return 200, {"settings": {"data": await asyncio.to_thread(sealing.seal, content, password)}}


def _opened(data: str, password: str) -> tuple[dict[str, Any], Account]:
    try:
        content = sealing.unseal(data, password)
        return content, Account(**content["account"])
    except sealing.Unreadable as error:
        log.warning("restore refused: %s", error)
        raise ApiError(1005, "The backup cannot be decrypted: wrong password or damaged data") from error
    except TypeError as error:
        raise ApiError(1025, "The backup was made by another version of the client") from error


def _apply(connection: Connection, content: dict[str, Any], account: Account, multiconnect: bool) -> bool:
    """Writes the backup; True when an application existed here before. Raises ApiError."""
    if read_account(connection) is not None:
        raise ApiError(1025, "A phone number is registered: only an unregistered client can be restored")
    if content["multiconnect"] != multiconnect:
        raise ApiError(1025, "The backup was made by another type of setup (single instance or multiconnect)")
    here = read_shard_count(connection)
    if account.shards != here:
        raise ApiError(1025, f"The backup was made with {account.shards} shards, this client has {here}")
    existed = bool(read_shards(connection)) or any(read_value(connection, name) for name in KEPT)
    for name in KEPT:
        write_value(connection, name, content["values"].get(name))
    write_value(connection, PENDING_SETTINGS, None)
    write_account(connection, account)
    return existed


async def _stop_all(runtime: Runtime) -> None:
    async def stop(node: Node) -> None:
        try:
            await runtime.peers.call("POST", node.hostname, node.ports[2], "/stop", {"reason": RESTORED})
        except PeerDown as error:
            log.warning("cannot stop %s: %s", node.name, error)

    nodes: list[Node] = await runtime.run(read_nodes)
    await asyncio.gather(*(stop(node) for node in nodes if node.name != runtime.name))
    end_soon(RESTORED)


async def restore(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """Takes a backup: a fresh client serves at once, one that existed before ends; raises ApiError."""
    password, data = fields.text(body, "password"), fields.text(body, "data")
    content, account = await asyncio.to_thread(_opened, data, password)
    existed = await runtime.run(_apply, content, account, runtime.settings.multiconnect)
    log.warning("settings imported, registration of %s", account.number)
    if existed:
        await _stop_all(runtime)
    else:
        await runtime.reload()
        await tell_all(runtime)
    return 200, {}
