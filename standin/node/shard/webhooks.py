"""Requests to the business's webhook: at least once, so many at a time, again after a linearly growing pause.

A callback that has a row in the database stays there until the webhook has answered 200; the rows are deleted in
batches a moment later, so a crash repeats some and loses none.
"""

import asyncio
import logging
import ssl
import time

import aiohttp

from standin.common.tasks import spawn
from standin.node.base.application_rules import Settings, value_at
from standin.node.base.runtime import Runtime
from standin.store.callbacks import Callback, remove_callbacks
from standin.store.config import read_value
from standin.store.engine import DatabaseDown

log = logging.getLogger("webhook")
CA = "webhook_ca"
TIMEOUT = 15.0
MIN_TIMEOUT = 2.0
URL_POLL = 2.0
FLUSH = 0.1
IN_MEMORY = 2000


def backoff(settings: Settings, failures: int) -> float:
    """The pause after so many failures, in the real client's seconds."""
    step, cap = settings["callback_backoff_delay_ms"], settings["max_callback_backoff_delay_ms"]
    return float(min(step * failures, cap)) / 1000


def _trust(extra: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        if extra:
            context.load_verify_locations(cadata=extra)
    except ssl.SSLError as error:
        log.error("the webhook's authority cannot be used: %s", error)
    return context


class Webhooks:
    """One node's sender of callbacks."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._ready: asyncio.Queue[tuple[Callback, int]] = asyncio.Queue()
        self._rows: dict[int, Callback] = {}
        self._in_memory = 0
        self._taken: list[int] = []
        self._some_taken = asyncio.Event()

    @property
    def room(self) -> int:
        """How many callbacks of the database may still be handed over."""
        return max(0, IN_MEMORY - len(self._rows))

    @property
    def size(self) -> int:
        """Callbacks that this node holds."""
        return len(self._rows) + self._in_memory

    def holds(self, row: int) -> bool:
        """The callback of this row has been handed over already."""
        return row in self._rows

    def push(self, callback: Callback) -> None:
        """Hands over a callback; one with a row is removed from the database once it is taken."""
        if callback.seq:
            self._rows[callback.seq] = callback
        else:
            self._in_memory += 1
        self._ready.put_nowait((callback, 0))
        self._count()

    def drop_rows(self) -> None:
        """Forgets the callbacks of the database: another node sends them now."""
        self._rows = {}
        self._count()

    def _count(self) -> None:
        self._runtime.metrics.set("callback_queue_size", self.size)

    async def run(self) -> None:
        """Sends until cancelled; the certificate authority and the number of senders are those at the start."""
        runtime = self._runtime
        while not runtime.loaded:
            await asyncio.sleep(max(0.1, runtime.scale.seconds(1)))
        connector = aiohttp.TCPConnector(ssl=_trust(await self._authority()), limit=0)
        session = aiohttp.ClientSession(connector=connector)
        for number in range(runtime.application["webhooks"]["max_concurrent_requests"]):
            spawn(self._send_all(session), f"webhook {number}")
        spawn(self._forget_taken(), "webhook rows")

    async def _authority(self) -> str | None:
        while True:
            try:
                found: str | None = await self._runtime.run(read_value, CA)
            except DatabaseDown as error:
                log.warning("cannot read the webhook's authority: %s", error.orig)
                await asyncio.sleep(max(0.1, self._runtime.scale.seconds(1)))
            else:
                return found

    async def _send_all(self, session: aiohttp.ClientSession) -> None:
        while True:
            callback, failures = await self._ready.get()
            if callback.seq and self._rows.get(callback.seq) is not callback:
                continue  # another node's now
            if await self._post(session, callback):
                self._done(callback)
            else:
                pause = self._runtime.scale.seconds(backoff(self._runtime.application, failures + 1))
                asyncio.get_running_loop().call_later(pause, self._ready.put_nowait, (callback, failures + 1))

    def _done(self, callback: Callback) -> None:
        if not callback.seq:
            self._in_memory -= 1
        else:
            self._taken.append(callback.seq)
            self._some_taken.set()
        self._count()

    async def _url(self) -> str:
        while not (url := value_at(self._runtime.application, "webhooks.url")):
            await asyncio.sleep(max(0.2, self._runtime.scale.seconds(URL_POLL)))
        return str(url)

    async def _post(self, session: aiohttp.ClientSession, callback: Callback) -> bool:
        url = await self._url()
        metrics, began = self._runtime.metrics, time.monotonic()
        result = "1"
        timeout = aiohttp.ClientTimeout(total=max(MIN_TIMEOUT, self._runtime.scale.seconds(TIMEOUT)))
        try:
            async with session.post(url, json=callback.payload, timeout=timeout, allow_redirects=False) as answer:
                await answer.read()
                result = "success" if answer.status == 200 else str(answer.status)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            log.warning("webhook: %s %s", type(error).__name__, error)
        if result not in {"success", "1"}:
            log.warning("webhook answered %s, not 200", result)
        metrics.add("callback_requests", result=result, type=callback.kind)
        metrics.observe("callback_requests_duration_ms", (time.monotonic() - began) * 1000)
        return result == "success"

    async def _forget_taken(self) -> None:
        while True:
            await self._some_taken.wait()
            await asyncio.sleep(FLUSH)
            self._some_taken.clear()
            taken, self._taken = self._taken, []
            try:
                await self._runtime.run(remove_callbacks, taken)
            except DatabaseDown as error:
                log.warning("callbacks not removed: %s", error.orig)
                self._taken = taken + self._taken
                self._some_taken.set()
                continue
            for row in taken:
                self._rows.pop(row, None)
            self._count()
