"""The four ports of a node: messaging, contacts, control and healthcheck."""

import logging
import time
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from standin.common.environment import PORTS
from standin.common.errors import ApiError
from standin.common.faults import pass_unless_hung
from standin.common.peers import require_signature
from standin.common.serving import Runner
from standin.node.api.collecting import Collecting
from standin.node.api.contacts import Contacts
from standin.node.api.control import Control
from standin.node.api.figures import Figures
from standin.node.api.healthcheck import Healthcheck
from standin.node.api.messaging import Messaging
from standin.node.api.primary_routes import primary_routes
from standin.node.api.stickers import sticker_routes
from standin.node.base.answering import envelope
from standin.node.base.runtime import Runtime
from standin.node.parts import Parts

log = logging.getLogger("endpoints")
SHUTDOWN = 1.0
MAX_BODY = 16 << 20


def routes(parts: Parts) -> dict[str, list[web.RouteDef]]:
    """What each port answers, in the ports' order."""
    return {
        "messaging": [*Messaging(parts).routes, *sticker_routes(parts.runtime)],
        "contacts": Contacts(parts.runtime).routes,
        "control": [*Control(parts).routes, *primary_routes(parts), *Collecting(parts).routes],
        "healthcheck": [*Healthcheck(parts).routes, *Figures(parts).routes],
    }


@web.middleware
async def hanging(request: web.Request, handler: Any) -> web.StreamResponse:
    """Does not answer while the fault `hang` is there."""
    await pass_unless_hung()
    answer: web.StreamResponse = await handler(request)
    return answer


def counting(runtime: Runtime) -> Any:
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


async def listen(parts: Parts, ports: Iterable[int] = PORTS) -> list[web.AppRunner]:
    """Listens on the four ports; raises OSError when one is taken."""
    runtime = parts.runtime
    runners: list[web.AppRunner] = []

    def refuse(status: int, reason: str) -> web.Response:
        failure = ApiError(1014, reason, status)
        return web.json_response(envelope(runtime, {"errors": [failure.as_dict()]}), status=status)

    def ended(seconds: float) -> None:
        runtime.metrics.observe("internal_server_conn_duration_ms", seconds * 1000)

    middlewares = [counting(runtime), hanging, require_signature(runtime.settings.secret)]
    for port, (name, answers) in zip(ports, routes(parts).items(), strict=True):
        app = web.Application(middlewares=middlewares, client_max_size=MAX_BODY)
        app.add_routes(answers)
        runner = Runner(app, refuse, ended)
        await runner.setup()
        await web.TCPSite(runner, None, port, shutdown_timeout=SHUTDOWN).start()
        runners.append(runner)
        log.info("endpoint %s listening on port %d", name, port)
    return runners
