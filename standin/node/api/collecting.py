"""Port 6252: garbage collection on demand."""

from aiohttp import web

from standin.common.errors import ApiError, not_ready
from standin.common.tasks import spawn
from standin.node.base.answering import Answer, answered, json_object
from standin.node.parts import Parts

PROCESSING = {"status": "processing"}


class Collecting:
    """Its handlers."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._runtime = parts.runtime

    @property
    def routes(self) -> list[web.RouteDef]:
        """Its routes."""
        return [web.put("/v1/services/message/gc", self.messages), web.put("/v1/services/media/gc", self.media)]

    def _check_ready(self) -> None:
        if not self._runtime.initialized:
            raise not_ready()

    async def messages(self, request: web.Request) -> web.Response:
        """This node's share of a collection of messages."""

        async def work() -> Answer:
            self._check_ready()
            order = await json_object(request)
            spawn(self._parts.collection.messages_now(order["part"], order["parts"]), "message collection")
            return 200, PROCESSING

        return await answered(self._runtime, request, work)

    async def media(self, request: web.Request) -> web.Response:
        """A collection of media files, by the primary master."""

        async def work() -> Answer:
            self._check_ready()
            if not self._parts.primary:
                raise ApiError(1017, "Please send the request to the primary master or try again")
            spawn(self._parts.collection.media_now(), "media collection")
            return 200, {"services": {"media": {"gc": PROCESSING}}}

        return await answered(self._runtime, request, work)
