"""HTTP between the containers of one cluster, signed when both sides have WA_SECRET."""

import hashlib
import hmac
import json
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from standin.common.faults import wall_time

SIGNATURE = "X-Standin-Signature"
CLOCK_WINDOW = 10
REFUSED = 401


class PeerDown(Exception):
    """The peer cannot be reached, or does not answer in time, or not as one of us."""


class PeerAbsent(PeerDown):
    """No connection came about, so the peer knows nothing of the request."""


def sign(secret: str, method: str, path: str, body: bytes, now: float) -> str:
    """Time stamp and keyed hash over a request."""
    stamp = str(int(now))
    text = "\n".join([stamp, method, path]).encode() + b"\n" + body
    return f"{stamp}:{hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()}"


def verify(secret: str, method: str, path: str, body: bytes, signature: str, now: float) -> bool:
    """The signature fits and is at most 10 s away from our clock."""
    stamp = signature.partition(":")[0]
    if not stamp.isdigit() or abs(now - int(stamp)) > CLOCK_WINDOW:
        return False
    return hmac.compare_digest(sign(secret, method, path, body, int(stamp)), signature)


def require_signature(secret: str) -> Any:
    """A middleware that refuses requests without a valid signature; lets everything pass without a secret."""

    @web.middleware
    async def check(request: web.Request, handler: Any) -> web.StreamResponse:
        body = await request.read()
        given = request.headers.get(SIGNATURE, "")
        if secret and not verify(secret, request.method, request.path_qs, body, given, wall_time()):
            return web.json_response({"reason": "signature"}, status=REFUSED)
        answer: web.StreamResponse = await handler(request)
        return answer

    return check


class Peers:
    """Calls to other containers; timeouts in seconds."""

    def __init__(self, secret: str, timeout: float) -> None:
        self._secret = secret
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        host: str,
        port: int,
        path: str,
        body: Any = None,
        timeout: float | None = None,
    ) -> tuple[int, Any]:
        """Status and decoded JSON of a peer's answer; raises PeerDown, or PeerAbsent where no one got the request."""
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(use_dns_cache=False, limit=0))
        method = "GET" if method == "HEAD" else method  # passed on for its answer's head, which needs the answer
        data = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        seconds = timeout or self._timeout
        limit = aiohttp.ClientTimeout(total=seconds, sock_connect=seconds / 2)
        try:
            address = URL(f"http://{host}:{port}{path}")
            if self._secret:
                headers[SIGNATURE] = sign(self._secret, method, address.raw_path_qs, data, wall_time())
            async with self._session.request(method, address, data=data, headers=headers, timeout=limit) as answer:
                if answer.status == REFUSED:
                    raise PeerDown(f"{host}:{port} refuses our signature: another WA_SECRET, or clocks apart")
                return answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError) as error:
            raise PeerAbsent(f"{host}:{port} {type(error).__name__}") from error
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise PeerDown(f"{host}:{port} {type(error).__name__}") from error

    async def close(self) -> None:
        """Closes kept connections."""
        session, self._session = self._session, None
        if session:
            await session.close()
