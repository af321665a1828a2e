"""/v1/users: login, logout and accounts."""

import asyncio
from typing import Any

from aiohttp import web

from standin.common import fields
from standin.common.errors import ApiError
from standin.common.passwords import acceptable, hashed, matches
from standin.store.web import User, add_user, read_user, remove_user, revoke_token, set_password
from standin.web.access import admin_of, basic_credentials, caller_of, new_token
from standin.web.answers import answer, json_body, optional_json_body
from standin.web.backend import ADMIN, Backend

NAME_LENGTH = range(4, 33)
RULE = "A password has 8 to 64 characters: at least one digit, one upper-case, one lower-case and one special character"


def _password(body: dict[str, Any], name: str) -> str:
    password = fields.text(body, name)
    if not acceptable(password):
        raise ApiError(1009, RULE)
    return password


def _possible(username: str) -> bool:
    return len(username) in NAME_LENGTH and username.isprintable()


class Users:
    """Handlers of /v1/users."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [
            web.post("/v1/users/login", self.login),
            web.post("/v1/users/logout", self.logout),
            web.post("/v1/users", self.create),
            web.get("/v1/users/{username}", self.show),
            web.put("/v1/users/{username}", self.change),
            web.delete("/v1/users/{username}", self.delete),
        ]

    def _answer(self, users: list[dict[str, Any]], status: int = 200) -> web.Response:
        return answer(self._backend.release.version, {"users": users}, status)

    async def _find(self, username: str) -> User:
        user: User | None = None
        if _possible(username):
            user = await self._backend.use_web(lambda connection: read_user(connection, username))
        if user is None:
            raise ApiError(1006, f"User {username} not found")
        return user

    async def login(self, request: web.Request) -> web.Response:
        """A token for a name and a password; changes the password on the way."""
        username, password = basic_credentials(request)
        user: User | None = None
        if _possible(username):
            user = await self._backend.use_web(lambda connection: read_user(connection, username))
        if user is None or not await asyncio.to_thread(matches, password, user.password):
            raise web.HTTPUnauthorized
        body = await optional_json_body(request)
        if body.get("new_password") is not None:
            stored = await asyncio.to_thread(hashed, _password(body, "new_password"))
            await self._backend.use_web(lambda connection: set_password(connection, username, stored))
        elif user.must_change:
            raise ApiError(1024, "Please change the password: send new_password")
        return self._answer([await new_token(self._backend, user)])

    async def logout(self, request: web.Request) -> web.Response:
        """Revokes the presented token only."""
        caller = await caller_of(self._backend, request)
        await self._backend.use_web(lambda connection: revoke_token(connection, caller.rand))
        return answer(self._backend.release.version, {})

    async def create(self, request: web.Request) -> web.Response:
        """A new account, never an administrator."""
        await admin_of(self._backend, request)
        body = await json_body(request)
        username = fields.text(body, "username")
        if not _possible(username):
            raise ApiError(1009, "A user name has 4 to 32 printable characters")
        stored = await asyncio.to_thread(hashed, _password(body, "password"))
        user = User(username, stored, "ROLE_USER", must_change=False)
        if not await self._backend.use_web(lambda connection: add_user(connection, user)):
            raise ApiError(1014, "Unable to create user. Already exist?")
        return self._answer([{"username": username}], 201)

    async def show(self, request: web.Request) -> web.Response:
        """One account's role."""
        await admin_of(self._backend, request)
        user = await self._find(request.match_info["username"])
        return self._answer([{"username": user.username, "ROLES": user.role}])

    async def change(self, request: web.Request) -> web.Response:
        """A new password: the administrator's for anybody, else one's own."""
        caller = await caller_of(self._backend, request)
        username = request.match_info["username"]
        if not caller.admin and caller.username != username:
            raise ApiError(1005, "This needs the admin account")
        stored = await asyncio.to_thread(hashed, _password(await json_body(request), "password"))
        await self._find(username)
        await self._backend.use_web(lambda connection: set_password(connection, username, stored))
        return self._answer([{"username": username}])

    async def delete(self, request: web.Request) -> web.Response:
        """Removes an account and its tokens; the built-in one stays."""
        await admin_of(self._backend, request)
        username = request.match_info["username"]
        if username == ADMIN:
            raise ApiError(1005, "The admin account cannot be deleted")
        await self._find(username)
        await self._backend.use_web(lambda connection: remove_user(connection, username))
        return self._answer([{"username": username}])
