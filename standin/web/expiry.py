"""An expired client: it still tells who and how it is, everything else needs an upgrade."""

from typing import Any

from aiohttp import web

from standin.common.errors import expired
from standin.common.release import Release

OPEN = ("/v1/users", "/v1/health", "/v1/support", "/v1/stats", "/metrics")


def expiry_guard(release: Release) -> Any:
    """A middleware that answers error 1005 on an expired client; who has no credentials gets the usual 401."""

    @web.middleware
    async def guard(request: web.Request, handler: Any) -> web.StreamResponse:
        closed = request.path != "/" and not request.path.startswith(OPEN)
        if closed and release.expired and "Authorization" in request.headers:
            raise expired()
        answer: web.StreamResponse = await handler(request)
        return answer

    return guard
