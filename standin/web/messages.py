"""/v1/messages and /v1/contacts: passed on to the coreapp that owns the recipient's shard."""

from aiohttp import web

from standin.common.outgoing import read_order
from standin.common.sharding import slot_of
from standin.web.access import caller_of
from standin.web.answers import json_body
from standin.web.backend import Backend
from standin.web.routing import CONTACTS, MESSAGING, Router


class Messages:
    """Their handlers; every user may use them."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._router = Router(backend)

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        identity = "/v1/contacts/{wa_id}/identity"
        return [
            web.post("/v1/messages", self.send),
            web.put("/v1/messages/{id}", self.mark),
            web.post("/v1/contacts", self.contacts),
            web.get(identity, self.identity),
            web.put(identity, self.contacts),
        ]

    async def send(self, request: web.Request) -> web.Response:
        """POST /v1/messages."""
        await caller_of(self._backend, request)
        body = await json_body(request)
        return await self._router.pass_on(MESSAGING, request, body, slot_of(read_order(body).to))

    async def mark(self, request: web.Request) -> web.Response:
        """PUT /v1/messages/{id}."""
        await caller_of(self._backend, request)
        return await self._router.pass_on(MESSAGING, request, await json_body(request))

    async def contacts(self, request: web.Request) -> web.Response:
        """POST /v1/contacts and PUT /v1/contacts/{wa_id}/identity."""
        await caller_of(self._backend, request)
        return await self._router.pass_on(CONTACTS, request, await json_body(request))

    async def identity(self, request: web.Request) -> web.Response:
        """GET /v1/contacts/{wa_id}/identity."""
        await caller_of(self._backend, request)
        return await self._router.pass_on(CONTACTS, request)
