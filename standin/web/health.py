"""GET /v1/health and GET /."""

import asyncio
from typing import Any

from aiohttp import web

from standin.common.errors import not_ready, unreachable
from standin.common.peers import PeerDown
from standin.store.nodes import Node
from standin.web.access import caller_of, has_api_key
from standin.web.answers import answer
from standin.web.backend import Backend

EXPIRED_PAGE = "clock wrong: this version of the client has expired, or the date is not right\n"


class Health:
    """Handlers of the cluster's health and of the root page."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [web.get("/", self.root), web.get("/v1/health", self.health)]

    async def root(self, _request: web.Request) -> web.Response:
        """The webapp is alive; says nothing about the rest."""
        if self._backend.release.expired:
            return web.Response(text=EXPIRED_PAGE)
        return web.Response(text="WhatsApp Business API stand-in\n")

    async def health(self, request: web.Request) -> web.Response:
        """Every node's own word; 200 even when nodes carry errors."""
        if not has_api_key(self._backend, request):
            await caller_of(self._backend, request)
        multiconnect = self._backend.settings.multiconnect
        return answer(
            self._backend.release.version, {"health": await (self._cluster() if multiconnect else self._single())}
        )

    async def _single(self) -> dict[str, Any]:
        host = self._backend.settings.core_host
        try:
            _, body = await self._backend.ask("GET", host, 6253, "/health")
        except PeerDown as error:
            raise unreachable(host, 6252) from error
        health: dict[str, Any] = body["health"]
        health.pop("role", None)
        return health

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
            status, body = await self._backend.ask("GET", node.hostname, port, "/health")
        except PeerDown:
            return silent
        if status != 200 or body.get("name") != node.name:
            return silent  # the published port leads to someone else
        entry: dict[str, Any] = body["health"]
        return entry
