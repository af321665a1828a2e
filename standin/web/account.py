"""/v1/account: passed on to the primary master."""

from aiohttp import web

from standin.web.access import admin_of
from standin.web.answers import json_body, passed_on
from standin.web.backend import Backend

SHARDS = "/v1/account/shards"


class Account:
    """Handlers of /v1/account."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        writes = [web.post(path, self.pass_on) for path in ("/v1/account", "/v1/account/verify", SHARDS)]
        return [*writes, web.get(SHARDS, self.pass_on)]

    async def pass_on(self, request: web.Request) -> web.Response:
        """The primary master decides."""
        await admin_of(self._backend, request)
        order = await json_body(request) if request.method == "POST" else {}
        status, body = await self._backend.control(request.method, request.path, order)
        return passed_on(body, status)
