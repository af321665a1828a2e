"""What nodes say of themselves when a webapp asks them."""

import asyncio
from http import HTTPStatus
from typing import Any

from standin.common.errors import not_ready, unreachable
from standin.common.peers import PeerDown
from standin.store.nodes import Node
from standin.web.backend import Backend


async def own_words(backend: Backend, what: str) -> dict[str, Any]:
    """A single instance's answer to one question, `health` or `support`; of a cluster, each node's by its name."""
    return await (_cluster(backend, what) if backend.settings.multiconnect else _single(backend, what))


async def _single(backend: Backend, what: str) -> dict[str, Any]:
    host = backend.settings.core_host
    try:
        _, body = await backend.ask("GET", host, 6253, f"/{what}")
    except PeerDown as error:
        raise unreachable(host, 6252) from error
    said: dict[str, Any] = body[what]
    return said


async def _cluster(backend: Backend, what: str) -> dict[str, Any]:
    nodes = await backend.nodes()
    if not nodes:
        raise not_ready()
    entries = await asyncio.gather(*(_entry(backend, node, what) for node in nodes))
    return {node.name: entry for node, entry in zip(nodes, entries, strict=True)}


async def _entry(backend: Backend, node: Node, what: str) -> dict[str, Any]:
    port = node.ports[3]
    silent = {"errors": [unreachable(node.hostname, port).as_dict()]}
    try:
        status, body = await backend.ask("GET", node.hostname, port, f"/{what}")
    except PeerDown:
        return silent
    if status != HTTPStatus.OK or body.get("name") != node.name:
        return silent  # the published port leads to another container
    entry: dict[str, Any] = body[what]
    return entry
