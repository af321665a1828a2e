"""Port 6251: contacts and their identities."""

import hashlib
import re
from collections import deque
from typing import Any

from aiohttp import web
from sqlalchemy.engine import Connection

from standin.common.errors import ApiError, not_ready
from standin.common.timing import boot_clock
from standin.node.base.answering import Answer, answered, json_object
from standin.node.base.runtime import Runtime
from standin.store.contacts import Contact, acknowledge, read_contact, write_contact
from standin.store.migrations import parse_version

RATE = 20
PER = 1.0
WEEK = 7 * 86400.0
ALWAYS_VALID = (2, 43)
NUMBER = re.compile(r"\+?[0-9]{7,15}")
NOT_DIGITS = re.compile(r"[^0-9]")
LONGEST = 64


def wa_id_of(given: str) -> str:
    """The WhatsApp id of a number as written by people."""
    return NOT_DIGITS.sub("", given)[:LONGEST]


def identity_of(wa_id: str) -> str:
    """The hash of a number's identity key; in this world keys never change."""
    return hashlib.sha256(f"identity of {wa_id}".encode()).hexdigest()[:32]


def look_up(connection: Connection, given: str, version: tuple[int, ...], expires: int, force: bool) -> dict[str, Any]:
    """One contact's entry of the answer; outcomes are kept for so many ms."""
    wa_id = wa_id_of(given)
    known = read_contact(connection, wa_id) if wa_id else None
    if known is None or force or known.age > expires:
        valid = version >= ALWAYS_VALID or NUMBER.fullmatch(re.sub(r"[ ()-]", "", given)) is not None
        known = Contact(wa_id, valid, identity_of(wa_id))
        if wa_id:
            write_contact(connection, known)
    if not known.is_user:
        return {"input": given, "status": "invalid"}
    return {"input": given, "status": "valid", "wa_id": wa_id}


class Contacts:
    """Handlers of the contacts port."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lately: deque[float] = deque()

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        identity = "/v1/contacts/{wa_id}/identity"
        return [
            web.post("/v1/contacts", self.check),
            web.get(identity, self.identity),
            web.put(identity, self.acknowledge),
        ]

    def _admit(self) -> None:
        if not self._runtime.initialized or self._runtime.account is None:
            raise not_ready()
        now = boot_clock()
        while self._lately and self._lately[0] <= now - PER:
            self._lately.popleft()
        if len(self._lately) >= RATE:
            self._runtime.metrics.add("concurrent_rate_limit_triggered")
            raise ApiError(1015, f"More than {RATE} requests a second")
        self._lately.append(now)

    async def check(self, request: web.Request) -> web.Response:
        """POST /v1/contacts."""
        return await answered(self._runtime, request, lambda: self._check(request))

    async def _check(self, request: web.Request) -> Answer:
        body = await json_object(request)
        given, blocking, force = body.get("contacts"), body.get("blocking", "no_wait"), body.get("force_check", False)
        if given is None:
            raise ApiError(1008, "Parameter 'contacts' is mandatory")
        if not isinstance(given, list) or not all(isinstance(one, str) and one.isascii() for one in given):
            raise ApiError(1009, "Parameter 'contacts' must be a list of texts")
        if blocking not in ("wait", "no_wait"):
            raise ApiError(1009, "Parameter 'blocking' must be wait or no_wait")
        if not isinstance(force, bool):
            raise ApiError(1009, "Parameter 'force_check' must be true or false")
        self._admit()
        version = parse_version(self._runtime.release.version)
        expires = int(self._runtime.scale.seconds(WEEK) * 1000)

        def work(connection: Connection) -> list[dict[str, Any]]:
            return [look_up(connection, one, version, expires, force) for one in dict.fromkeys(given)]

        return 200, {"contacts": await self._runtime.store.run(work)}

    async def identity(self, request: web.Request) -> web.Response:
        """GET /v1/contacts/{wa_id}/identity."""
        return await answered(self._runtime, request, lambda: self._identity(request))

    async def _contact(self, request: web.Request) -> Contact:
        self._admit()
        found: Contact | None = await self._runtime.run(read_contact, wa_id_of(request.match_info["wa_id"]))
        if found is None or not found.is_user:
            raise ApiError(1006, "There is no contact of this id")
        return found

    async def _identity(self, request: web.Request) -> Answer:
        found = await self._contact(request)
        return 200, {"identity": {"acknowledged": found.acknowledged, "hash": found.identity}}

    async def acknowledge(self, request: web.Request) -> web.Response:
        """PUT /v1/contacts/{wa_id}/identity."""
        return await answered(self._runtime, request, lambda: self._acknowledge(request))

    async def _acknowledge(self, request: web.Request) -> Answer:
        given = (await json_object(request)).get("hash")
        if given is None:
            raise ApiError(1008, "Parameter 'hash' is mandatory")
        found = await self._contact(request)
        if given != found.identity:
            raise ApiError(1009, "Parameter 'hash' is not the contact's identity")
        await self._runtime.run(acknowledge, found.wa_id)
        return 200, {}
