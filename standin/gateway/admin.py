"""The admin port, for `standinctl` inside the same container."""

from aiohttp import web

from standin.gateway.accounts import Accounts
from standin.gateway.certificates import issue
from standin.gateway.events import Events
from standin.gateway.sessions import Sessions

ADMIN_PORT = 5280


class Admin:
    """Answers about, and changes of, the fake of WhatsApp."""

    def __init__(self, accounts: Accounts, sessions: Sessions, events: Events) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._events = events

    def app(self) -> web.Application:
        """The admin port's routes."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/sessions", self.sessions),
                web.get("/events", self.events),
                web.get("/codes/{number}", self.code),
                web.get("/certificates/{number}", self.certificate),
                web.post("/unban/{number}", self.unban),
                web.post("/pin/{number}", self.pin),
            ]
        )
        return app

    async def sessions(self, _request: web.Request) -> web.Response:
        """Open sessions."""
        return web.json_response(self._sessions.describe())

    async def events(self, _request: web.Request) -> web.Response:
        """The journal."""
        return web.json_response(list(self._events.kept))

    async def code(self, request: web.Request) -> web.Response:
        """The registration code that the phone would show; 404 when none is on its way."""
        facts = self._accounts.numbers.get(request.match_info["number"])
        if facts is None or not facts.code:
            return web.json_response({"problem": "no code was requested for this number"}, status=404)
        return web.json_response({"code": facts.code})

    async def certificate(self, request: web.Request) -> web.Response:
        """A verified-name certificate for a number."""
        name = request.query.get("name", "Standin Business")
        text = issue(request.match_info["number"], name, expired="expired" in request.query)
        return web.json_response({"certificate": text})

    async def unban(self, request: web.Request) -> web.Response:
        """Lifts a ban."""
        self._sessions.unban(request.match_info["number"])
        return web.json_response({})

    async def pin(self, request: web.Request) -> web.Response:
        """The number's owner sets or removes the PIN of the two-step verification."""
        self._accounts.protect(request.match_info["number"], (await request.json())["pin"])
        return web.json_response({})
