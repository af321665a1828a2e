"""GET and POST /v1/account/shards, by the primary master."""

import logging
from typing import Any

from standin.common import fields
from standin.common.errors import ApiError
from standin.node.account.registration import ask
from standin.node.account.two_step import require_pin
from standin.node.base.answering import Answer
from standin.node.base.runtime import Runtime
from standin.node.base.telling import tell_all
from standin.node.parts import Parts
from standin.store.config import read_shard_count
from standin.store.leases import Shard, read_shards
from standin.store.migrations import parse_version
from standin.store.nodes import Node, read_nodes
from standin.store.sharding import NotLeading, RestartOrder, change_shards, read_order

log = logging.getLogger("sharding")
ALLOWED = (1, 2, 4, 8, 16, 32)
CERT_MANDATORY = (2, 45)
# Seconds after a change during which the next one is refused unless all shards are served.
SETTLED = 90.0


def wanted_shards(body: dict[str, Any]) -> int:
    """The number of shards asked for, given as number or text; raises ApiError 1008 or 1009."""
    value = body.get("shards")
    if value is None:
        raise ApiError(1008, "Parameter 'shards' is mandatory")
    if isinstance(value, str) and value in map(str, ALLOWED):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value not in ALLOWED:
        raise fields.wrong("shards", "one of " + ", ".join(map(str, ALLOWED)))
    return value


def certificate(body: dict[str, Any], version: str) -> str | None:
    """The certificate, which versions before 2.45 do not insist on; raises ApiError 1008 or 1009."""
    if body.get("cert") is None and parse_version(version) < CERT_MANDATORY:
        return None
    return fields.certificate(body)


def unsettled(order: RestartOrder, limit: float, count: int, shards: list[Shard], nodes: list[Node]) -> str:
    """Why the number of shards cannot be changed just now, '' when it can; limit in seconds after the last restart."""
    if order.age > limit * 1000:
        return ""
    if any(node.incarnation in order.incarnations for node in nodes):
        return "the coreapps are restarting"
    served = [shard for shard in shards[:count] if shard.taken and not shard.revoked and not shard.lapsed]
    return "" if len(served) == count else "the shards are being given to the coreapps"


async def show(runtime: Runtime, _body: dict[str, Any]) -> Answer:
    """The number of shards; 1 until it has been set."""
    return 200, {"account": {"shards": await runtime.run(read_shard_count)}}


async def change(parts: Parts, body: dict[str, Any]) -> Answer:
    """Sets the number of shards and has every coreapp restart; raises ApiError and sqlalchemy's DBAPIError."""
    runtime = parts.runtime
    number = fields.digits(body, "cc") + fields.digits(body, "phone_number")
    shards = wanted_shards(body)
    cert = certificate(body, runtime.release.version)
    pin = fields.optional_pin(body)
    account = runtime.account
    if account is None:
        raise ApiError(1005, "No phone number is registered")
    if number != account.number:
        raise ApiError(1005, "cc and phone_number are not those of the registered number")
    if parts.election is None:
        raise ApiError(1005, "A single instance has one shard")
    await require_pin(runtime, pin)
    await _refuse_while_unsettled(runtime, account.shards)
    await ask({"op": "set_shards", "number": number, "registration": account.registration, "cert": cert})
    epoch = parts.election.epoch
    try:
        if epoch is None:
            raise NotLeading
        await runtime.run(change_shards, account, shards, runtime.node.incarnation, epoch)
    except NotLeading as error:
        raise ApiError(1017, "Please send the request to the primary master or try again") from error
    log.warning("shards: %d, before: %d; all coreapps restart", shards, account.shards)
    await runtime.reload()
    await tell_all(runtime)
    return 201, {}


async def _refuse_while_unsettled(runtime: Runtime, count: int) -> None:
    order, shards, nodes = await runtime.store.run(
        lambda connection: (read_order(connection), read_shards(connection), read_nodes(connection))
    )
    reason = unsettled(order, runtime.scale.seconds(SETTLED), count, shards, nodes)
    if reason:
        raise ApiError(1011, f"Temporarily unavailable, please try again: {reason}", 403)
