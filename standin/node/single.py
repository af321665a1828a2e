"""The single instance: it serves its only shard without leases, under an identity of its own.

Beside a cluster with the same number, or a second single instance, it is another installation to WhatsApp.
"""

import asyncio

from standin.node.base.runtime import Runtime
from standin.node.base.schema import bring_up_to_date
from standin.node.shard.owner import ShardOwner

LOOK = 1.0


def single_identity(cluster: str, container: str) -> str:
    """What WhatsApp knows this container as."""
    return f"{cluster}/{container}"


async def _tell_nobody(_runtime: Runtime) -> None:
    return


async def serve_alone(runtime: Runtime, owner: ShardOwner) -> None:
    """Brings the schema up to date and connects once a number is registered."""
    await bring_up_to_date(runtime, _tell_nobody)
    while runtime.account is None:
        await asyncio.sleep(runtime.scale.seconds(LOOK))
    owner.hold_alone()
