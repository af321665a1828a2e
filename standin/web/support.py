"""GET /v1/support: every node's own word."""

import asyncio
from typing import Any

from aiohttp import web

from standin.common.errors import not_ready, unreachable
from standin.common.peers import PeerDown
from standin.store.nodes import Node
from standin.web.access import caller_of
from standin.web.answers import answer
from standin.web.backend import Backend


class Support:
    """Handler of the support information."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def routes(self) -> list[web.RouteDef]:
        """Its route."""
        return [web.get("/v1/support", self.support)]

    async def support(self, request: web.Request) -> web.Response:
        """One object for a single instance, else one per node."""
        await caller_of(self._backend, request)
        multiconnect = self._backend.settings.multiconnect
        payload = await (self._cluster() if multiconnect else self._single())
        return answer(self._backend.release.version, {"support": payload})

    async def _single(self) -> dict[str, Any]:
        host = self._backend.settings.core_host
        try:
            _, body = await self._backend.ask("GET", host, 6253, "/support")
        except PeerDown as error:
            raise unreachable(host, 6252) from error
        found: dict[str, Any] = body["support"]
        return found

    async def _cluster(self) -> dict[str, Any]:
        nodes = await self._backend.nodes()
        if not nodes:
            raise not_ready()
        entries = await asyncio.gather(*(self._entry(node) for node in nodes))
        return {node.name: entry for node, entry in zip(nodes, entries, strict=True)}

    async def _entry(self, node: Node) -> dict[str, Any]:
        port = node.ports[3]
        silent = {"errors": [unreachable(node.hostname, port).as_dict()]}
        try:
            status, body = await self._backend.ask("GET", node.hostname, port, "/support")
        except PeerDown:
            return silent
        if status != web.HTTPOk.status_code or body.get("name") != node.name:
            return silent
        entry: dict[str, Any] = body["support"]
        return entry
