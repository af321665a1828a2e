"""Starts the webapp."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from aiohttp import web

from standin.common import logs
from standin.common.environment import EnvironmentProblem, WebSettings, web_settings
from standin.common.fault_commands import seed
from standin.common.loopwatch import watch_loop
from standin.common.release import Release, load_release
from standin.common.serving import Runner
from standin.common.tasks import spawn
from standin.common.timing import Scale
from standin.web.account import Account
from standin.web.answers import middleware, outside
from standin.web.backend import Backend
from standin.web.counting import Counting
from standin.web.expiry import expiry_guard
from standin.web.faults import follow_certificate_fault, injected_faults
from standin.web.health import Health
from standin.web.installed import Certificates
from standin.web.media import Media
from standin.web.messages import Messages
from standin.web.services import Services
from standin.web.settings import Settings
from standin.web.stats import Stats
from standin.web.stickerpacks import StickerPacks
from standin.web.support import Support
from standin.web.users import Users

LOG_FILE = Path("/var/log/whatsapp/web.log")
SERVER_LOG = Path("/var/log/lighttpd/error.log")
LOG_MEGABYTES = 20
PORT = 443
MAX_BODY = 8 << 20
PARTS: tuple[Any, ...] = (
    Health,
    Users,
    Account,
    Settings,
    Support,
    Certificates,
    Messages,
    Media,
    StickerPacks,
    Services,
)

log = logging.getLogger("server")


def application(backend: Backend) -> web.Application:
    """All routes of the API."""
    counting = Counting(backend.metrics)
    errors, guard = middleware(backend.release.version), expiry_guard(backend.release)
    app = web.Application(middlewares=[counting.middleware, errors, injected_faults(), guard], client_max_size=MAX_BODY)
    for part in PARTS:
        app.add_routes(part(backend).routes)
    app.add_routes(Stats(backend, counting).routes)
    return app


def _stop() -> None:
    log.info("stopped by SIGTERM")
    logging.shutdown()
    os._exit(0)


async def _serve(settings: WebSettings, release: Release) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _stop)
    backend = Backend(settings, release, Scale.from_env())
    spawn(watch_loop(), "loop watch")
    backend.serve_something()
    spawn(follow_certificate_fault(backend), "certificate fault")
    initializing = spawn(backend.initialize(), "initialize")
    # the first certificate is the shared authority's whenever the database answers at once
    await asyncio.wait([initializing], timeout=5)
    runner = Runner(application(backend), outside(release.version))
    await runner.setup()
    await web.TCPSite(runner, None, PORT, ssl_context=backend.tls.context).start()
    log.info("server started on port %d", PORT)
    await asyncio.Event().wait()


def main() -> int:
    """Runs until stopped; 2 when the environment cannot be used."""
    logs.setup(LOG_FILE, LOG_MEGABYTES, logs.KEEP)
    logs.add_file(log, SERVER_LOG, LOG_MEGABYTES, logs.KEEP)
    seed()
    try:
        settings, release = web_settings(), load_release()
    except (EnvironmentProblem, ValueError) as error:
        log.error("cannot start: %s", error)
        return 2
    log.info("web %s, multiConnectEnabled=%s", release.version, settings.multiconnect)
    asyncio.run(_serve(settings, release))
    return 0


if __name__ == "__main__":
    sys.exit(main())
