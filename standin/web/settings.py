"""/v1/settings: checked for the admin account and passed on to the primary master."""

import base64
from typing import Any

from aiohttp import web

from standin.web.access import admin_of
from standin.web.answers import answer, json_body, json_value, no_body, passed_on
from standin.web.backend import Backend

ROOT = "/v1/settings/"
PLAIN = (
    ("GET", "application"),
    ("PATCH", "application"),
    ("DELETE", "application"),
    ("GET", "application/media/providers"),
    ("POST", "account/two-step"),
    ("DELETE", "account/two-step"),
    ("POST", "backup"),
    ("POST", "restore"),
    ("GET", "business/profile"),
    ("POST", "business/profile"),
    ("GET", "business/compliance_info"),
    ("POST", "business/compliance_info"),
    ("GET", "profile/about"),
    ("PATCH", "profile/about"),
    ("DELETE", "profile/photo"),
)
PROVIDERS = ROOT + "application/media/providers"
PHOTO = ROOT + "profile/photo"
PNG_START = b"\x89PNG"
WITH_BODY = {"POST", "PATCH"}


class Settings:
    """Handlers of /v1/settings."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [
            *(web.route(method, ROOT + path, self.plain) for method, path in PLAIN),
            web.post(PROVIDERS, self.add_providers),
            web.delete(PROVIDERS + "/{name}", self.remove_provider),
            web.get(PHOTO, self.photo),
            web.post(PHOTO, self.change_photo),
        ]

    async def _primary(self, request: web.Request, path: str, body: dict[str, Any]) -> web.Response:
        status, content = await self._backend.control(request.method, path, body)
        return passed_on(content, status)

    async def plain(self, request: web.Request) -> web.Response:
        """The primary master decides."""
        await admin_of(self._backend, request)
        body = await json_body(request) if request.method in WITH_BODY else {}
        return await self._primary(request, request.path, body)

    async def add_providers(self, request: web.Request) -> web.Response:
        """The body is a list here."""
        await admin_of(self._backend, request)
        providers = await json_value(request)
        if providers is None:
            raise no_body()
        return await self._primary(request, PROVIDERS, {"providers": providers})

    async def remove_provider(self, request: web.Request) -> web.Response:
        """One media provider by its name."""
        await admin_of(self._backend, request)
        return await self._primary(request, PROVIDERS, {"name": request.match_info["name"]})

    async def photo(self, request: web.Request) -> web.Response:
        """The image itself, or with format=link an address of it."""
        await admin_of(self._backend, request)
        status, content = await self._backend.control("GET", PHOTO, {})
        if status != web.HTTPOk.status_code:
            return passed_on(content, status)
        if request.query.get("format") == "link":
            link = f"https://{request.host}{PHOTO}"
            payload = {"settings": {"profile": {"photo": {"link": link}}}}
            return answer(self._backend.release.version, payload)
        data = base64.b64decode(content["photo"])
        return web.Response(body=data, content_type="image/png" if data.startswith(PNG_START) else "image/jpeg")

    async def change_photo(self, request: web.Request) -> web.Response:
        """The body is the image."""
        await admin_of(self._backend, request)
        image = await request.read()
        if not image:
            raise no_body()
        return await self._primary(request, PHOTO, {"photo": base64.b64encode(image).decode()})
