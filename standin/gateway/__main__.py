"""Starts the fake of WhatsApp's servers."""

import asyncio
import os
import signal

from aiohttp import web

from standin.common.jsonlines import MAX_LINE
from standin.common.tasks import spawn
from standin.common.timing import Scale, boot_clock
from standin.common.whatsapp import PORT
from standin.gateway.accounts import Accounts
from standin.gateway.admin import ADMIN_PORT, Admin
from standin.gateway.events import Events
from standin.gateway.server import Server
from standin.gateway.sessions import Sessions

PING_PERIOD = 10.0


async def run() -> None:
    """Serves until the process is stopped."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 0)
    scale = Scale.from_env()
    events = Events()
    accounts = Accounts(scale)
    sessions = Sessions(accounts, events.add, scale.seconds(PING_PERIOD), boot_clock)
    server = Server(accounts, sessions, events.add)
    runner = web.AppRunner(Admin(accounts, sessions, events).app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", ADMIN_PORT).start()
    spawn(server.sweep(), "sweep")
    listener = await asyncio.start_server(server.client, None, PORT, limit=MAX_LINE)
    events.add("listening", port=PORT, ping_period=sessions.ping_period)
    await listener.serve_forever()


if __name__ == "__main__":
    asyncio.run(run())
