"""The four ports of a node: messaging, contacts, control and healthcheck."""

import logging
import secrets
from typing import TYPE_CHECKING, Any

from aiohttp import web

from standin.common.environment import PORTS
from standin.common.errors import ApiError, not_ready
from standin.common.peers import require_signature
from standin.node.registration import request_code, verify_code
from standin.store.engine import DatabaseDown

if TYPE_CHECKING:
    from standin.node.daemon import Daemon

log = logging.getLogger("endpoints")
NAMES = ("messaging", "contacts", "control", "healthcheck")


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
        control = [
            web.post("/promote", self.promote),
            web.post("/reload", self.reload),
            web.get("/silence", self.silence),
            web.post("/v1/account", self.account),
            web.post("/v1/account/verify", self.verify),
        ]
        return [], [], control, [web.get("/heartbeat", self.heartbeat), web.get("/health", self.health)]

    async def heartbeat(self, _request: web.Request) -> web.Response:
        """A sign of life."""
        node = self._daemon.runtime.node
        return web.json_response({"name": node.name, "incarnation": node.incarnation})

    async def health(self, _request: web.Request) -> web.Response:
        """This node's part of /v1/health."""
        return web.json_response({"name": self._daemon.runtime.name, "health": health_entry(self._daemon)})

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


async def serve(daemon: "Daemon") -> None:
    """Listens on the four ports; raises OSError when one is taken."""
    middleware = require_signature(daemon.runtime.settings.secret)
    for port, name, routes in zip(PORTS, NAMES, Endpoints(daemon).routes, strict=True):
        app = web.Application(middlewares=[middleware])
        app.add_routes(routes)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, None, port).start()
        log.info("endpoint %s listening on port %d", name, port)
