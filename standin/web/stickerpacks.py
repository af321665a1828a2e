"""/v1/stickerpacks: passed on to a coreapp."""

from aiohttp import web

from standin.web.access import caller_of
from standin.web.answers import json_body
from standin.web.backend import Backend
from standin.web.routing import MESSAGING, Router

PACKS = "/v1/stickerpacks"
PACK = PACKS + "/{id}"
STICKERS = PACK + "/stickers"
STICKER = STICKERS + "/{index}"


class StickerPacks:
    """Their handlers; every user may use them."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._router = Router(backend)

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [
            *(web.get(path, self.without_body) for path in (PACKS, PACK, STICKERS, STICKER)),
            *(web.post(path, self.with_body) for path in (PACKS, STICKERS)),
            *(web.patch(path, self.with_body) for path in (PACK, STICKER)),
            *(web.delete(path, self.without_body) for path in (PACK, STICKER)),
        ]

    async def without_body(self, request: web.Request) -> web.Response:
        """Reads and deletions."""
        await caller_of(self._backend, request)
        return await self._router.pass_on(MESSAGING, request)

    async def with_body(self, request: web.Request) -> web.Response:
        """Creations and changes."""
        await caller_of(self._backend, request)
        return await self._router.pass_on(MESSAGING, request, await json_body(request))
