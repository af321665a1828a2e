"""GET /v1/support: every node's own word."""

from aiohttp import web

from standin.web.access import caller_of
from standin.web.answers import answer
from standin.web.backend import Backend
from standin.web.own_words import own_words


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
        return answer(self._backend.release.version, {"support": await own_words(self._backend, "support")})
