"""Starts what the coreapp image runs: a node, or the schema upgrade."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from standin.common import logs
from standin.common.environment import EnvironmentProblem, NodeSettings, node_settings
from standin.common.fault_commands import seed
from standin.common.release import Release, load_release
from standin.common.timing import Scale
from standin.node.base.runtime import build_runtime
from standin.node.daemon import Daemon
from standin.node.restart import wait_for_start
from standin.node.upgrade import upgrade
from standin.store.bootstrap import CORE_DATABASE, database_name
from standin.store.engine import Store, connect

LOG_DIR = Path("/usr/local/waent/logs")
LOG_FILE = LOG_DIR / "wa-service.INFO"
LOG_MEGABYTES = 15

log = logging.getLogger("node")


async def _serve(settings: NodeSettings, release: Release) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, _stop)
    await wait_for_start()
    store = Store(connect(settings.database, database_name(settings.database, CORE_DATABASE)))
    daemon = Daemon(build_runtime(settings, release, Scale.from_env(), store))
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await asyncio.gather(daemon.run(), _finish(daemon, ended))


async def _finish(daemon: Daemon, ended: asyncio.Event) -> None:
    """Once told to end, answers what is being answered."""
    await ended.wait()
    await asyncio.gather(*(runner.cleanup() for runner in daemon.runners))
    _stop()


def _stop() -> None:
    # hands over nothing, as documented: leases lapse by themselves
    log.info("stopped by SIGTERM")
    logging.shutdown()
    os._exit(0)


def main() -> int:
    """Runs until stopped; 2 when the environment cannot be used."""
    logs.setup(LOG_FILE, LOG_MEGABYTES)
    seed()
    try:
        settings, release = node_settings(), load_release()
    except (EnvironmentProblem, ValueError) as error:
        log.error("cannot start: %s", error)
        return 2
    log.info("coreapp %s, multiConnectEnabled=%s", release.version, settings.multiconnect)
    if settings.upgrade_only:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(128 + signal.SIGTERM))
        return upgrade(settings, release)
    asyncio.run(_serve(settings, release))
    return 0


if __name__ == "__main__":
    sys.exit(main())
