"""The HTTP servers of the client: what is no request of theirs gets an error too, and costs one line of the log."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, cast

from aiohttp import web
from aiohttp.http import HttpProcessingError, RawRequestMessage
from yarl import URL

log = logging.getLogger("http")
# What aiohttp raises where the head or the body of a request is not HTTP, or never comes to its end.
UNREADABLE = (HttpProcessingError, web.RequestPayloadError, ConnectionError)
LONGEST = 200

Failure = Callable[[int, str], web.Response]


def without_slash(message: RawRequestMessage) -> RawRequestMessage:
    """The request's first line as it is without slashes at the end of its path."""
    url = message.url
    path = url.raw_path.rstrip("/") or "/"
    if path == url.raw_path:
        return message
    shorter = URL.build(path=path, query_string=url.raw_query_string, encoded=True)
    return message._replace(path=str(shorter), url=shorter)


def _unmeasured(_seconds: float) -> None:
    return


class Connection(web.RequestHandler):
    """One connection of a client."""

    def __init__(self, server: "Server") -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), access_log=cast(Any, None))
        self._failure = server.failure

    def data_received(self, data: bytes) -> None:
        """Takes what has come in."""
        super().data_received(data)
        # aiohttp keeps a parser's error for the next request; who waits for the rest of this body would wait for ever
        if self._current_request and self._messages and hasattr(self._messages[-1][0], "exc"):
            self._current_request.content.set_exception(web.RequestPayloadError("broken body"))

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - repeats what was sent
    ) -> web.StreamResponse:
        """The error for what could not be read, or not be dealt with; closes the connection."""
        self.log_exception("request failed", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        known = isinstance(exc, UNREADABLE)
        response = self._failure(status, "The HTTP request cannot be read" if known else "Internal error")
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """One line for what a client sent; the rest is our own fault and needs its traceback."""
        error = kw.get("exc_info")
        if isinstance(error, UNREADABLE):
            log.warning("unreadable request: %s", " ".join(f"{type(error).__name__} {error}".split())[:LONGEST])
        else:
            super().log_exception(*args, **kw)


class Server(web.Server):
    """Answers as an application does, on connections of ours; ended is told how long each lasted, in seconds."""

    def __init__(self, plain: web.Server, failure: Failure, ended: Callable[[float], None]) -> None:
        super().__init__(self._answer, request_factory=self._request)
        self.failure = failure
        self._plain = plain
        self._ended = ended
        self._began: dict[web.RequestHandler, float] = {}

    def __call__(self) -> Connection:
        """A new connection."""
        return Connection(self)

    def _request(self, message: RawRequestMessage, *rest: Any) -> web.BaseRequest:
        return self._plain.request_factory(without_slash(message), *rest)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._plain.request_handler(request)
        except web.HTTPException as error:  # before any middleware: an expectation that no one can meet
            return self.failure(error.status, error.reason)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """A client has connected."""
        super().connection_made(handler, transport)
        self._began[handler] = time.monotonic()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """The connection is over."""
        super().connection_lost(handler, exc)
        if (began := self._began.pop(handler, None)) is not None:
            self._ended(time.monotonic() - began)


class Runner(web.AppRunner):
    """Runs an application on such a server; failure makes the answer of a status and a reason."""

    def __init__(self, app: web.Application, failure: Failure, ended: Callable[[float], None] = _unmeasured) -> None:
        super().__init__(app, access_log=None)
        self._failure = failure
        self._ended = ended

    async def _make_server(self) -> web.Server:
        return Server(await super()._make_server(), self._failure, self._ended)
