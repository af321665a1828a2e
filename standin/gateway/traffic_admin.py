"""The admin port's part about messages."""

import secrets
import time
from dataclasses import asdict
from typing import Any

from aiohttp import web

from standin.gateway.accounts import Accounts
from standin.gateway.traffic import Recipients, Traffic

LARGEST = 1 << 20


class TrafficAdmin:
    """Handlers of the admin port."""

    def __init__(self, accounts: Accounts, traffic: Traffic) -> None:
        self._accounts = accounts
        self._traffic = traffic

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [
            web.get("/messages", self.totals),
            web.get("/messages/all", self.messages),
            web.post("/inbound", self.inbound),
            web.post("/recipients", self.recipients),
        ]

    async def totals(self, _request: web.Request) -> web.Response:
        """Counts."""
        return web.json_response(self._traffic.describe())

    async def messages(self, _request: web.Request) -> web.Response:
        """Every message that was taken."""
        return web.json_response([asdict(carried) for carried in self._traffic.carried])

    async def inbound(self, request: web.Request) -> web.Response:
        """Somebody writes to a number; 404 when no number is registered."""
        order: dict[str, Any] = await request.json()
        numbers = [name for name, facts in self._accounts.numbers.items() if facts.registration]
        number = order.pop("to", None) or (numbers[0] if numbers else None)
        if number is None or number not in numbers:
            return web.json_response({"problem": "the number is not registered"}, status=404)
        name = "ABGG" + secrets.token_hex(12)
        self._traffic.inbound(number, order | {"id": name, "timestamp": int(time.time())})
        return web.json_response({"id": name})

    async def recipients(self, request: web.Request) -> web.Response:
        """How people behave from now on."""
        self._traffic.recipients = Recipients(**await request.json())
        return web.json_response(asdict(self._traffic.recipients))
