"""Starts the fake of WhatsApp's servers."""

import asyncio
import os
import signal

from aiohttp import web

from standin.common.jsonlines import MAX_LINE
from standin.common.loopwatch import watch_loop
from standin.common.tasks import spawn
from standin.common.timing import Scale, boot_clock
from standin.common.whatsapp import PORT
from standin.gateway.accounts import Accounts
from standin.gateway.admin import ADMIN_PORT, Admin
from standin.gateway.delivery import Delivery
from standin.gateway.events import Events
from standin.gateway.server import Server
from standin.gateway.sessions import Sessions
from standin.gateway.traffic import Traffic
from standin.gateway.traffic_admin import TrafficAdmin

PING_PERIOD = 10.0
# News comes again when its session has ended; on a living one only after this, as the client may be slow.
NEWS_PATIENCE = 600.0


async def run() -> None:
    """Serves until the process is stopped."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 0)
    scale = Scale.from_env()
    events = Events()
    accounts = Accounts(scale)
    sessions = Sessions(accounts, events.add, scale.seconds(PING_PERIOD), boot_clock)
    delivery = Delivery()
    traffic = Traffic(sessions, scale.seconds(NEWS_PATIENCE), boot_clock, delivery.wake)
    server = Server(accounts, sessions, traffic, delivery, events.add)
    admin = Admin(accounts, sessions, events).app()
    admin.add_routes(TrafficAdmin(accounts, traffic).routes)
    runner = web.AppRunner(admin, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", ADMIN_PORT).start()
    spawn(watch_loop(lambda late: events.add("loop_lag", seconds=round(late, 2))), "loop watch")
    spawn(server.sweep(), "sweep")
    spawn(delivery.run(traffic), "delivery")
    listener = await asyncio.start_server(server.client, None, PORT, limit=MAX_LINE)
    events.add("listening", port=PORT, ping_period=sessions.ping_period)
    await listener.serve_forever()


if __name__ == "__main__":
    asyncio.run(run())
