"""/v1/media: files go through the directory that webapps and coreapps share."""

import asyncio
import uuid
from pathlib import Path

from aiohttp import web

from standin.common.errors import ApiError
from standin.common.media import FOLDERS, LARGEST, ROOT, SHARED, is_name
from standin.web.access import caller_of
from standin.web.answers import passed_on
from standin.web.backend import Backend
from standin.web.routing import MESSAGING, Router

CHUNK = 1 << 16
LONGEST_TYPE = 128
UNKNOWN_TYPE = "application/octet-stream"


class Media:
    """Handlers of /v1/media; every user may use them."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._router = Router(backend)

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        one = "/v1/media/{id}"
        return [
            web.post("/v1/media", self.upload),
            web.get(one, self.download, allow_head=False),
            web.delete(one, self.remove),
        ]

    async def upload(self, request: web.Request) -> web.Response:
        """POST /v1/media: the file as the request's body."""
        await caller_of(self._backend, request)
        name = str(uuid.uuid4())
        path = ROOT / SHARED / name
        try:
            if not await _store(request, path):
                raise ApiError(1008, "The request body is empty")
            order = {"file": name, "mime_type": _mime_type(request)}
            status, body = await self._router.ask(MESSAGING, "POST", "/v1/media", order)
        except OSError as error:
            raise ApiError(1005, f"The media directory is not writable: {error.strerror}") from error
        finally:
            await asyncio.to_thread(_remove, path)
        return passed_on(body, status)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/media/{id}: the file itself."""
        await caller_of(self._backend, request)
        _check_id(request)
        status, body = await self._router.ask(MESSAGING, "GET", request.path)
        if status != 200:
            return passed_on(body, status)
        folder = body["folder"]
        path = ROOT / folder / request.match_info["id"]
        if folder not in FOLDERS or not path.is_file():
            raise ApiError(1006, "The file is not in the media directory of this webapp")
        return web.FileResponse(path, headers={"Content-Type": body["mime_type"]}, chunk_size=CHUNK)

    async def remove(self, request: web.Request) -> web.Response:
        """DELETE /v1/media/{id}."""
        await caller_of(self._backend, request)
        _check_id(request)
        return await self._router.pass_on(MESSAGING, request)


def _mime_type(request: web.Request) -> str:
    given = request.content_type
    return given if given.isascii() and given.isprintable() and len(given) <= LONGEST_TYPE else UNKNOWN_TYPE


def _check_id(request: web.Request) -> None:
    if not is_name(request.match_info["id"]):
        raise ApiError(1006, "There is no media file of this id")


def _remove(path: Path) -> None:
    # the coreapp has moved it away, unless something failed
    path.unlink(missing_ok=True)


async def _store(request: web.Request, path: Path) -> int:
    """Writes the request's body to a file; its size. Raises ApiError 1001 and OSError."""
    size = 0
    with path.open("wb") as target:
        async for chunk in request.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > LARGEST:
                raise ApiError(1001, f"A media file must have at most {LARGEST} bytes")
            await asyncio.to_thread(target.write, chunk)
    return size
