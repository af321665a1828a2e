"""Port 6253: signs of life, and this node's part of health and support information."""

import logging
from typing import Any

from aiohttp import web

from standin.common.errors import not_ready
from standin.node.api.support import describe
from standin.node.parts import Parts
from standin.store.engine import DatabaseDown

log = logging.getLogger("endpoints")


def health_entry(parts: Parts) -> dict[str, Any]:
    """This node's part of /v1/health."""
    status = parts.gateway_status
    if status is None:
        return {"errors": [not_ready().as_dict()]}
    return {"gateway_status": status, "role": parts.role}


class Healthcheck:
    """Their handlers."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._runtime = parts.runtime

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [
            web.get("/heartbeat", self.heartbeat),
            web.get("/health", self.health),
            web.get("/support", self.support),
        ]

    async def heartbeat(self, _request: web.Request) -> web.Response:
        """A sign of life."""
        node = self._runtime.node
        return web.json_response({"name": node.name, "incarnation": node.incarnation})

    async def health(self, _request: web.Request) -> web.Response:
        """This node's part of /v1/health."""
        return web.json_response({"name": self._runtime.name, "health": health_entry(self._parts)})

    async def support(self, _request: web.Request) -> web.Response:
        """This node's part of /v1/support; 503 while the database does not answer."""
        try:
            found = await describe(self._parts)
        except DatabaseDown as error:
            log.warning("support: %s", error.orig)
            return web.json_response({"name": self._runtime.name}, status=503)
        return web.json_response({"name": self._runtime.name, "support": found})
