"""What one node tells the others."""

import asyncio
import logging

from standin.common.peers import PeerDown
from standin.node.base.runtime import Runtime
from standin.store.nodes import Node, read_nodes

log = logging.getLogger("telling")


async def tell_all(runtime: Runtime) -> None:
    """Has every other node read registration and settings again; who cannot be told reads them within a minute."""
    nodes: list[Node] = await runtime.run(read_nodes)

    async def tell(node: Node) -> None:
        try:
            await runtime.peers.call("POST", node.hostname, node.ports[2], "/reload")
        except PeerDown as error:
            log.warning("cannot tell %s: %s", node.name, error)

    await asyncio.gather(*(tell(node) for node in nodes if node.name != runtime.name))
