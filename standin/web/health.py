"""GET /v1/health and GET /."""

from aiohttp import web

from standin.web.access import caller_of, has_api_key
from standin.web.answers import answer
from standin.web.backend import Backend
from standin.web.own_words import own_words

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
        said = await own_words(self._backend, "health")
        if not self._backend.settings.multiconnect:
            said.pop("role", None)
        return answer(self._backend.release.version, {"health": said})
