"""Starts the webapp."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from standin.common import logs
from standin.common.environment import EnvironmentProblem, WebSettings, web_settings
from standin.common.loopwatch import watch_loop
from standin.common.release import Release, load_release
from standin.common.tasks import spawn
from standin.common.timing import Scale
from standin.web.account import Account
from standin.web.answers import middleware
from standin.web.backend import Backend
from standin.web.health import Health
from standin.web.users import Users

LOG_FILE = Path("/var/log/whatsapp/web.log")
SERVER_LOG = Path("/var/log/lighttpd/error.log")
LOG_MEGABYTES = 20
PORT = 443

log = logging.getLogger("server")


def application(backend: Backend) -> web.Application:
    """All routes of the API."""
    app = web.Application(middlewares=[middleware(backend.release.version)])
    for part in (Health(backend), Users(backend), Account(backend)):
        app.add_routes(part.routes)
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
    initializing = spawn(backend.initialize(), "initialize")
    # the first certificate is the shared authority's whenever the database answers at once
    await asyncio.wait([initializing], timeout=5)
    runner = web.AppRunner(application(backend), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, None, PORT, ssl_context=backend.tls).start()
    log.info("server started on port %d", PORT)
    await asyncio.Event().wait()


def main() -> int:
    """Runs until stopped; 2 when the environment cannot be used."""
    logs.setup(LOG_FILE, LOG_MEGABYTES)
    logs.add_file(log, SERVER_LOG, LOG_MEGABYTES)
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
