"""Who is calling: tokens, the API key, and what they open."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

import jwt
from aiohttp import web

from standin.common.errors import ApiError
from standin.common.faults import wall_time
from standin.store.web import User, add_token, token_user
from standin.web.backend import Backend

WEEK = 604800
ALGORITHM = "HS256"


@dataclass(frozen=True)
class Caller:
    """An authenticated caller; rand names the token, '' for the API key."""

    username: str
    admin: bool
    rand: str


def _credentials(request: web.Request) -> tuple[str, str]:
    """Kind (lower case) and text of the header, both '' where it has what no credentials have."""
    header = request.headers.get("Authorization", "")
    kind, _, text = header.partition(" ") if header.isascii() else ("", "", "")
    return kind.lower(), text.strip()


def basic_credentials(request: web.Request) -> tuple[str, str]:
    """User name and password of the Basic header; raises HTTPUnauthorized."""
    kind, text = _credentials(request)
    if kind != "basic":
        raise web.HTTPUnauthorized
    try:
        username, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise web.HTTPUnauthorized from error
    if not colon:
        raise web.HTTPUnauthorized
    return username, password


async def new_token(backend: Backend, user: User) -> dict[str, str]:
    """A token of a week for a user, as the login answers it."""
    now = int(wall_time())
    rand = secrets.token_hex(16)
    await backend.use_web(lambda connection: add_token(connection, rand, user.username, now + WEEK, now))
    claims = {"user": user.username, "iat": now, "exp": now + WEEK, "wa:rand": rand}
    expires = datetime.fromtimestamp(now + WEEK, UTC).strftime("%Y-%m-%d %H:%M:%S+00:00")
    return {"token": jwt.encode(claims, backend.jwt_key, algorithm=ALGORITHM), "expires_after": expires}


async def caller_of(backend: Backend, request: web.Request) -> Caller:
    """The caller by its token; raises HTTPUnauthorized."""
    kind, text = _credentials(request)
    if kind != "bearer" or not text:
        raise web.HTTPUnauthorized
    if not backend.ready:
        raise ApiError(1023, "The database is not initialised")
    try:
        claims = jwt.decode(text, backend.jwt_key, algorithms=[ALGORITHM])
        rand = str(claims["wa:rand"])
    except (jwt.InvalidTokenError, KeyError) as error:
        raise web.HTTPUnauthorized from error
    user: User | None = await backend.use_web(lambda connection: token_user(connection, rand))
    if user is None or user.username != claims.get("user"):
        raise web.HTTPUnauthorized
    return Caller(user.username, user.role == "ROLE_ADMIN", rand)


def has_api_key(backend: Backend, request: web.Request) -> bool:
    """The request carries the webapp's API key."""
    kind, text = _credentials(request)
    key = backend.settings.api_key
    return kind == "apikey" and bool(key) and hmac.compare_digest(text.encode(), key.encode())


async def admin_of(backend: Backend, request: web.Request) -> Caller:
    """The caller, who must be the administrator; raises HTTPUnauthorized or ApiError 1005."""
    caller = await caller_of(backend, request)
    if not caller.admin:
        raise ApiError(1005, "This needs the admin account")
    return caller
