"""The connection to WhatsApp for one shard: nothing is sent unless the shard's lease is held."""

import asyncio
import contextlib
import logging

from standin.common import jsonlines, whatsapp
from standin.common.faults import fencing_off
from standin.node.base.intervals import RETRY_FIRST, RETRY_LAST
from standin.node.base.runtime import Runtime
from standin.node.shard.fence import Fence

log = logging.getLogger("gateway")
SILENT_PINGS = 3
MIN_LOOK = 0.01


class Fenced(Exception):
    """The shard's lease is not held."""


class Link:
    """Keeps one shard connected while its lease is held."""

    def __init__(self, runtime: Runtime, shard: int, epoch: int, fence: Fence, reason: str) -> None:
        self._runtime = runtime
        self._shard = shard
        self._epoch = epoch
        self._fence = fence
        self._reason = reason
        self._account = runtime.account
        self._status = "connecting"
        self._writer: asyncio.StreamWriter | None = None
        self.connections = 0
        self.inbox: asyncio.Queue[jsonlines.Message] = asyncio.Queue()

    @property
    def status(self) -> str:
        """connecting, connected or disconnected, as /v1/health names them."""
        return self._status if self._fence.held else "disconnected"

    @property
    def connected(self) -> bool:
        """WhatsApp has welcomed us, and the lease is held."""
        return self._writer is not None and self.status == "connected"

    def send(self, message: jsonlines.Message) -> None:
        """Sends now; raises Fenced while the lease is not held or there is no connection."""
        if not self.connected:
            raise Fenced("not connected")
        self._send(message)

    async def run(self) -> None:
        """Connects, and connects again with a growing pause; runs until cancelled."""
        pause = RETRY_FIRST
        while True:
            try:
                if await self._session():
                    pause = RETRY_FIRST
            except (TimeoutError, Fenced, OSError, whatsapp.WhatsAppDown, jsonlines.ProtocolError) as error:
                self._status = "connecting"
                log.warning("shard %d: %s %s", self._shard, type(error).__name__, error)
            await asyncio.sleep(max(0.1, self._runtime.scale.seconds(pause)))
            pause = min(2 * pause, RETRY_LAST)

    def _send(self, message: jsonlines.Message) -> None:
        if not self._fence.held or self._writer is None:
            raise Fenced("lease lapsed")
        self._writer.write(jsonlines.encode(message))

    async def _session(self) -> bool:
        """One connection from hello to its end; True when WhatsApp welcomed us."""
        if not self._fence.held:
            raise Fenced("lease lapsed")
        if self._runtime.release.expired:
            raise Fenced("this version of the client has expired")
        reader, self._writer = await whatsapp.connect()
        watch = asyncio.create_task(self._drop_at_lapse(self._writer))
        try:
            self._send(self._hello())
            return await self._serve(reader)
        finally:
            watch.cancel()
            self._writer.transport.abort()
            self._writer = None

    def _hello(self) -> jsonlines.Message:
        runtime = self._runtime
        # a registration that changed later takes a restart, as documented
        account = self._account = self._account or runtime.account
        if account is None:
            raise Fenced("not registered")
        return {
            "op": "hello",
            "number": account.number,
            "identity": runtime.cluster_id,
            "registration": account.registration,
            "shard": self._shard,
            "epoch": self._epoch,
            "node": runtime.name,
            "version": runtime.release.version,
            "reason": self._reason,
            "fenced": not fencing_off(),
        }

    async def _serve(self, reader: asyncio.StreamReader) -> bool:
        patience = whatsapp.TIMEOUT
        welcomed = False
        while True:
            message = await asyncio.wait_for(jsonlines.read(reader), patience)
            match message:
                case {"op": "ping", "id": number}:
                    self._send({"op": "pong", "id": number})
                case {"op": "welcome", "ping_period": period}:
                    welcomed = True
                    patience = SILENT_PINGS * float(period)
                    self._status = "connected"
                    self.connections += 1
                    log.info("shard %d connected, epoch %d", self._shard, self._epoch)
                case {"op": "refused", "reason": reason}:
                    self._status = "disconnected"
                    log.error("shard %d refused: %s", self._shard, reason)
                    return welcomed
                case None:
                    self._status = "connecting"
                    log.warning("shard %d: WhatsApp closed the connection", self._shard)
                    return welcomed
                case _:
                    self.inbox.put_nowait(message)

    async def _drop_at_lapse(self, writer: asyncio.StreamWriter) -> None:
        while self._fence.held:
            await asyncio.sleep(max(MIN_LOOK, self._fence.remaining))
        log.warning("shard %d: lease lapsed, connection dropped, epoch %d", self._shard, self._epoch)
        with contextlib.suppress(OSError):
            writer.transport.abort()
