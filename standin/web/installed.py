"""/v1/certificates: the webapps' external certificate and the authorities that the coreapps trust for webhooks."""

from aiohttp import web

from standin.common.errors import ApiError
from standin.store.config import read_value, write_value
from standin.store.web import write_shared
from standin.web.access import admin_of
from standin.web.answers import answer
from standin.web.backend import Backend
from standin.web.certificates import DIRECTORY, EXTERNAL

WEBHOOK_CA = "webhook_ca"
MAX_PEM = 60_000


class Certificates:
    """Handlers of /v1/certificates."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        external, webhooks = "/v1/certificates/external", "/v1/certificates/webhooks/ca"
        return [
            web.post(external, self.set_external),
            web.delete(external, self.reset_external),
            web.get(external + "/ca", self.external_ca),
            web.post(webhooks, self.set_webhook_ca),
            web.get(webhooks, self.webhook_ca),
            web.delete(webhooks, self.remove_webhook_ca),
        ]

    def _done(self) -> web.Response:
        return answer(self._backend.release.version, {})

    async def _pem(self, request: web.Request) -> str:
        raw = await request.read()
        if not raw.strip():
            raise ApiError(1008, "The request body must be PEM text")
        try:
            text = raw.decode("ascii")
        except ValueError as error:
            raise ApiError(1009, "The request body must be PEM text") from error
        if "\0" in text or len(text) > MAX_PEM:
            raise ApiError(1009, f"The request body must be PEM text of at most {MAX_PEM} characters")
        return text

    async def set_external(self, request: web.Request) -> web.Response:
        """Kept as it is, good or bad: a webapp looks at it when it starts."""
        await admin_of(self._backend, request)
        text = await self._pem(request)
        await self._backend.use_web(lambda connection: write_shared(connection, EXTERNAL, text))
        return self._done()

    async def reset_external(self, request: web.Request) -> web.Response:
        """Back to the certificate made here, from the next start on."""
        await admin_of(self._backend, request)
        await self._backend.use_web(lambda connection: write_shared(connection, EXTERNAL, None))
        return self._done()

    async def external_ca(self, request: web.Request) -> web.Response:
        """The authority of the certificate in use, 404 without body when it has none."""
        await admin_of(self._backend, request)
        path = DIRECTORY / "ca.pem"
        text = path.read_text(encoding="ascii") if path.exists() else ""
        if not text:
            return web.Response(status=404)
        headers = {"Content-Disposition": 'attachment; filename="ca.pem"', "Accept-Ranges": "bytes"}
        return web.Response(text=text, content_type="text/plain", headers=headers)

    async def set_webhook_ca(self, request: web.Request) -> web.Response:
        """The coreapps read it when they start."""
        await admin_of(self._backend, request)
        text = await self._pem(request)
        await self._backend.use_core(lambda connection: write_value(connection, WEBHOOK_CA, text))
        return self._done()

    async def webhook_ca(self, request: web.Request) -> web.Response:
        """The bundle as it was sent."""
        await admin_of(self._backend, request)
        text = await self._backend.use_core(lambda connection: read_value(connection, WEBHOOK_CA))
        if not text:
            raise ApiError(1006, "No webhook CA certificates found")
        return web.Response(text=text, content_type="text/plain")

    async def remove_webhook_ca(self, request: web.Request) -> web.Response:
        """Back to the public authorities, from the coreapps' next start on."""
        await admin_of(self._backend, request)
        await self._backend.use_core(lambda connection: write_value(connection, WEBHOOK_CA, None))
        return self._done()
