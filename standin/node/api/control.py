"""Port 6252: the orders of the primary master."""

import logging

from aiohttp import web

from standin.node.base.ending import end_soon
from standin.node.parts import Parts
from standin.store.engine import DatabaseDown

log = logging.getLogger("endpoints")


class Control:
    """Their handlers."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [
            web.post("/promote", self.promote),
            web.post("/reload", self.reload),
            web.get("/silence", self.silence),
            web.post("/stop", self.stop),
        ]

    async def promote(self, request: web.Request) -> web.Response:
        """The primary's order to take a shard; 409 when it is not for this incarnation or came too late."""
        order = await request.json()
        owner = self._parts.owner
        meant = order["incarnation"] == self._parts.runtime.node.incarnation
        try:
            taken = meant and owner is not None and await owner.promote(order["shard"], order["epoch"], order["reason"])
        except DatabaseDown as error:
            log.warning("promotion failed: %s", error.orig)
            taken = False
        return web.json_response({"taken": taken}, status=200 if taken else 409)

    async def reload(self, _request: web.Request) -> web.Response:
        """Registration or settings have changed."""
        await self._parts.runtime.reload()
        return web.json_response({})

    async def silence(self, request: web.Request) -> web.Response:
        """How many seconds this master has not heard of a node."""
        return web.json_response({"silence": self._parts.heartbeats.silence(request.query["node"])})

    async def stop(self, request: web.Request) -> web.Response:
        """The primary's order to end: a restore needs a restart."""
        end_soon((await request.json())["reason"])
        return web.json_response({})
