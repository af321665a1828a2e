"""/v1/services: garbage collection, by all coreapps or by the primary master."""

import asyncio
from typing import Any

from aiohttp import web

from standin.common.errors import not_ready, unreachable
from standin.common.peers import PeerDown
from standin.store.nodes import Node
from standin.web.access import admin_of
from standin.web.answers import passed_on
from standin.web.backend import Backend

MESSAGES, MEDIA = "/v1/services/message/gc", "/v1/services/media/gc"


class Services:
    """Handlers of /v1/services."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [web.put(MESSAGES, self.messages), web.put(MEDIA, self.media)]

    async def messages(self, request: web.Request) -> web.Response:
        """PUT /v1/services/message/gc: each coreapp collects its share."""
        await admin_of(self._backend, request)
        settings = self._backend.settings
        if settings.multiconnect:
            nodes = [node for node in await self._backend.nodes() if node.serves]
            if not nodes:
                raise not_ready()
            parts = await asyncio.gather(*(self._start(node, n, len(nodes)) for n, node in enumerate(nodes)))
            gc: Any = {node.name: part for node, part in zip(nodes, parts, strict=True)}
        else:
            gc = await self._order(settings.core_host, 6252, 0, 1)
            if "errors" in gc:
                return passed_on(gc | self._meta, 500)
        return passed_on({"services": {"message": {"gc": gc}}} | self._meta, 200)

    @property
    def _meta(self) -> dict[str, Any]:
        # the answer passes through coreapps: the version has no `v`
        return {"meta": {"api_status": "stable", "version": self._backend.release.version}}

    async def _start(self, node: Node, part: int, parts: int) -> dict[str, Any]:
        return await self._order(node.hostname, node.ports[2], part, parts)

    async def _order(self, host: str, port: int, part: int, parts: int) -> dict[str, Any]:
        try:
            status, body = await self._backend.ask("PUT", host, port, MESSAGES, {"part": part, "parts": parts})
        except PeerDown:
            return {"errors": [unreachable(host, port).as_dict()]}
        return {"status": body["status"]} if status == 200 else {"errors": body.get("errors", [])}

    async def media(self, request: web.Request) -> web.Response:
        """PUT /v1/services/media/gc."""
        await admin_of(self._backend, request)
        status, body = await self._backend.control("PUT", MEDIA)
        return passed_on(body, status)
