"""The four ports of a node: messaging, contacts, control and healthcheck."""

import logging
import secrets
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from standin.common.environment import PORTS
from standin.common.errors import ApiError, not_ready
from standin.common.faults import pass_unless_hung
from standin.common.peers import require_signature
from standin.common.serving import Runner
from standin.node import sharding
from standin.node.contacts import Contacts
from standin.node.ending import end_soon
from standin.node.messaging import Messaging
from standin.node.registration import request_code, verify_code
from standin.node.services import Services
from standin.node.settings_routes import settings_routes
from standin.node.sticker_routes import sticker_routes
from standin.node.support import describe
from standin.store.engine import DatabaseDown

if TYPE_CHECKING:
    from standin.node.daemon import Daemon
    from standin.node.runtime import Runtime

log = logging.getLogger("endpoints")
NAMES = ("messaging", "contacts", "control", "healthcheck")
SHUTDOWN = 1.0
MAX_BODY = 16 << 20


def envelope(version: str, payload: dict[str, Any]) -> dict[str, Any]:
    """An answer that passed through a coreapp: the version has no `v`."""
    return payload | {"meta": {"api_status": "stable", "version": version}}


def health_entry(daemon: "Daemon") -> dict[str, Any]:
    """This node's part of /v1/health."""
    status = daemon.gateway_status
    if status is None:
        return {"errors": [not_ready().as_dict()]}
    return {"gateway_status": status, "role": daemon.role}


class Endpoints:
    """Handlers of the node's own ports and of what webapps pass on."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon

    @property
    def routes(self) -> tuple[list[web.RouteDef], ...]:
        """The routes of the four ports, in their order."""
        services = Services(self._daemon)
        control = [
            web.post("/promote", self.promote),
            web.post("/reload", self.reload),
            web.get("/silence", self.silence),
            web.post("/v1/account", self.account),
            web.post("/v1/account/verify", self.verify),
            web.get("/v1/account/shards", self.shards),
            web.post("/v1/account/shards", self.set_shards),
            web.post("/stop", self.stop),
            *settings_routes(self._primary_only),
            *services.control,
        ]
        signs = [
            web.get("/heartbeat", self.heartbeat),
            web.get("/health", self.health),
            web.get("/support", self.support),
            *services.signs,
        ]
        messaging = [*Messaging(self._daemon).routes, *sticker_routes(self._daemon.runtime)]
        return messaging, Contacts(self._daemon).routes, control, signs

    async def heartbeat(self, _request: web.Request) -> web.Response:
        """A sign of life."""
        node = self._daemon.runtime.node
        return web.json_response({"name": node.name, "incarnation": node.incarnation})

    async def health(self, _request: web.Request) -> web.Response:
        """This node's part of /v1/health."""
        return web.json_response({"name": self._daemon.runtime.name, "health": health_entry(self._daemon)})

    async def support(self, _request: web.Request) -> web.Response:
        """This node's part of /v1/support; 503 while the database does not answer."""
        try:
            found = await describe(self._daemon)
        except DatabaseDown as error:
            log.warning("support: %s", error.orig)
            return web.json_response({"name": self._daemon.runtime.name}, status=503)
        return web.json_response({"name": self._daemon.runtime.name, "support": found})

    async def stop(self, request: web.Request) -> web.Response:
        """The primary's order to end: a restore needs a restart."""
        end_soon((await request.json())["reason"])
        return web.json_response({})

    async def promote(self, request: web.Request) -> web.Response:
        """The primary's order to take a shard; 409 when it is not for this incarnation or came too late."""
        order = await request.json()
        daemon = self._daemon
        meant = order["incarnation"] == daemon.runtime.node.incarnation
        try:
            taken = (
                meant
                and daemon.owner is not None
                and await daemon.owner.promote(order["shard"], order["epoch"], order["reason"])
            )
        except DatabaseDown as error:
            log.warning("promotion failed: %s", error.orig)
            taken = False
        return web.json_response({"taken": taken}, status=200 if taken else 409)

    async def reload(self, _request: web.Request) -> web.Response:
        """Registration or settings have changed."""
        await self._daemon.runtime.reload()
        return web.json_response({})

    async def silence(self, request: web.Request) -> web.Response:
        """How many seconds this master has not heard of a node."""
        return web.json_response({"silence": self._daemon.heartbeats.silence(request.query["node"])})

    async def account(self, request: web.Request) -> web.Response:
        """POST /v1/account."""
        return await self._primary_only(request, request_code)

    async def verify(self, request: web.Request) -> web.Response:
        """POST /v1/account/verify."""
        return await self._primary_only(request, verify_code)

    async def shards(self, request: web.Request) -> web.Response:
        """GET /v1/account/shards."""
        return await self._primary_only(request, sharding.show)

    async def set_shards(self, request: web.Request) -> web.Response:
        """POST /v1/account/shards."""
        return await self._primary_only(request, lambda _runtime, body: sharding.change(self._daemon, body))

    async def _primary_only(self, request: web.Request, work: Any) -> web.Response:
        runtime = self._daemon.runtime
        internal = {"X-Internal-Request-IDS": secrets.token_hex(16)}
        try:
            if not self._daemon.primary:
                raise ApiError(1017, "Please send the request to the primary master or try again")
            if not runtime.initialized:
                raise not_ready()
            status, payload = await work(runtime, await request.json())
        except DatabaseDown as error:
            log.error("database: %s", error.orig)
            failure = ApiError(1023, "The database could not be used")
            status, payload = failure.status, {"errors": [failure.as_dict()]}
        except ApiError as error:
            status, payload = error.status, {"errors": [error.as_dict()]}
        return web.json_response(envelope(runtime.release.version, payload), status=status, headers=internal)


@web.middleware
async def hanging(request: web.Request, handler: Any) -> web.StreamResponse:
    """Does not answer while the fault `hang` is there."""
    await pass_unless_hung()
    answer: web.StreamResponse = await handler(request)
    return answer


def counting(runtime: "Runtime") -> Any:
    """A middleware that counts what other containers ask."""

    @web.middleware
    async def count(request: web.Request, handler: Any) -> web.StreamResponse:
        began = time.monotonic()
        try:
            answer: web.StreamResponse = await handler(request)
            return answer
        finally:
            runtime.metrics.observe("internal_server_requests_duration_ms", (time.monotonic() - began) * 1000)

    return count


async def listen(daemon: "Daemon", ports: Iterable[int] = PORTS) -> list[web.AppRunner]:
    """Listens on the four ports; raises OSError when one is taken."""
    runtime = daemon.runtime
    runners: list[web.AppRunner] = []

    def refuse(status: int, reason: str) -> web.Response:
        failure = ApiError(1014, reason, status)
        body = envelope(runtime.release.version, {"errors": [failure.as_dict()]})
        return web.json_response(body, status=status)

    def ended(seconds: float) -> None:
        runtime.metrics.observe("internal_server_conn_duration_ms", seconds * 1000)

    middlewares = [counting(runtime), hanging, require_signature(runtime.settings.secret)]
    for port, name, routes in zip(ports, NAMES, Endpoints(daemon).routes, strict=True):
        app = web.Application(middlewares=middlewares, client_max_size=MAX_BODY)
        app.add_routes(routes)
        runner = Runner(app, refuse, ended)
        await runner.setup()
        await web.TCPSite(runner, None, port, shutdown_timeout=SHUTDOWN).start()
        runners.append(runner)
        log.info("endpoint %s listening on port %d", name, port)
    return runners
