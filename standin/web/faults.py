"""Faults of a webapp: endpoints that fail or are slow, an expired server certificate."""

import asyncio
import logging
from fnmatch import fnmatchcase
from typing import Any

from aiohttp import web

from standin.common.errors import ApiError
from standin.common.faults import FAULTS, Fault, Faults, pass_unless_hung
from standin.store.engine import DatabaseDown
from standin.web.backend import Backend

log = logging.getLogger("faults")
LOOK = 0.5
INTERNAL = 1014


def strikes(fault: Fault, method: str, path: str) -> bool:
    """The fault is about this request; a pattern without method is about all methods."""
    pattern = str(fault.values["endpoint"])
    return fnmatchcase(f"{method} {path}", pattern if " " in pattern or pattern == "*" else f"* {pattern}")


def injected_faults(faults: Faults = FAULTS) -> Any:
    """A middleware that delays and fails requests as the faults `api` and `hang` want it."""
    struck: dict[int, int] = {}

    @web.middleware
    async def strike(request: web.Request, handler: Any) -> web.StreamResponse:
        await pass_unless_hung(faults)
        for fault in faults.of("api"):
            values, count = fault.values, struck.get(fault.id, 0)
            used_up = values["times"] is not None and count >= values["times"]
            if used_up or not strikes(fault, request.method, request.path):
                continue
            struck[fault.id] = count + 1
            await asyncio.sleep(values["delay"])
            if values["code"] is not None or values["status"] is not None:
                raise ApiError(values["code"] or INTERNAL, f"Fault {fault.id}", values["status"])
        answer: web.StreamResponse = await handler(request)
        return answer

    return strike


async def follow_certificate_fault(backend: Backend, faults: Faults = FAULTS) -> None:
    """Serves with an expired certificate while the fault is there; runs until cancelled."""
    expired = False
    while True:
        wanted = bool(faults.of("certificate-expired"))
        if backend.ready and wanted != expired:
            try:
                await asyncio.to_thread(backend.install_certificate, wanted)
                expired = wanted
                log.warning("server certificate: %s", "expired" if expired else "good")
            except DatabaseDown as error:
                log.warning("certificate fault: %s", error.orig)
        await asyncio.sleep(LOOK)
