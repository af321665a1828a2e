"""Carries the messages of one shard between the database, WhatsApp and the webhook, while this node owns the shard.

Nothing is kept here that is not in the database as well: whoever owns the shard next goes on where this one stopped.
"""

import asyncio
import logging
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from standin.common.environment import queue_limit
from standin.common.errors import ApiError
from standin.common.jsonlines import Message as News
from standin.common.sharding import slots_of
from standin.common.timing import boot_clock
from standin.node.base.runtime import Runtime
from standin.node.shard.inbound_media import store_media
from standin.node.shard.link import Fenced, Link
from standin.node.shard.news import Recorded, Wanted, record, status_callback
from standin.node.shard.webhooks import Webhooks
from standin.store import messages
from standin.store.callbacks import Callback, add_callbacks, count_callbacks, read_callbacks
from standin.store.engine import DatabaseDown
from standin.store.messages import Message

log = logging.getLogger("courier")
WINDOW = 200
BATCH = 100
IDLE = 2.0
MIN_IDLE = 0.2
# On one connection nothing gets lost, so this is for what no one thought of; sooner, a slow database would drown.
RESEND = 600.0
DAY = 86400.0
EXPIRED = 408


@dataclass
class Waiting:
    """How much waits for this shard, as last counted plus what came since."""

    messages: int = 0
    callbacks: int = 0


class Courier:
    """One shard's traffic under one epoch."""

    def __init__(self, runtime: Runtime, webhooks: Webhooks, shard: int, link: Link) -> None:
        self._runtime = runtime
        self._webhooks = webhooks
        self._link = link
        self._shard = shard
        self._limit = queue_limit()
        self._in_flight: dict[str, float] = {}
        self._connection = 0
        self._outgoing = asyncio.Event()
        self._callbacks = asyncio.Event()
        self._waiting = Waiting()

    @property
    def slots(self) -> list[int]:
        """The slots of this shard."""
        account = self._runtime.account
        return slots_of(self._shard, account.shards) if account else []

    async def run(self) -> None:
        """Works until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for work in (self._send_queued(), self._receive(), self._feed_webhook(), self._expire()):
                    group.create_task(work)
        finally:
            self._webhooks.drop_rows()

    async def accept(self, message: Message) -> None:
        """Keeps a message for sending; raises ApiError 1016 when too much waits, and sqlalchemy's DBAPIError."""
        if max(self._waiting.messages, self._waiting.callbacks) >= self._limit:
            raise ApiError(1016, "Too many messages or callbacks are waiting")
        await self._runtime.run(messages.enqueue, message)
        self._waiting.messages += 1
        self._runtime.metrics.add("out_message_persisted")
        self._outgoing.set()

    async def _pause(self, wake: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(wake.wait(), max(MIN_IDLE, self._runtime.scale.seconds(IDLE)))
        except TimeoutError:
            return
        finally:
            wake.clear()

    async def _send_queued(self) -> None:
        while True:
            try:
                await self._send_round()
            except (DatabaseDown, Fenced) as error:
                log.warning("shard %d: %s", self._shard, getattr(error, "orig", error))
            await self._pause(self._outgoing)

    async def _send_round(self) -> None:
        link, resend = self._link, self._runtime.scale.seconds(RESEND)
        if link.connections != self._connection:
            self._connection = link.connections
            self._in_flight.clear()
        rows: list[Message] = await self._runtime.run(messages.queued, self.slots, WINDOW)
        self._in_flight = {row.id: at for row in rows if (at := self._in_flight.get(row.id)) is not None}
        if len(rows) < WINDOW:
            self._count(messages=len(rows))
        else:
            self._count(messages=await self._runtime.run(messages.count_queued, self.slots))
        if not link.connected:
            return
        for row in rows:
            sent = self._in_flight.get(row.id)
            if sent is None or boot_clock() - sent > resend:
                link.send({"op": "message", "id": row.id, "to": row.peer, "type": row.type, "content": row.content})
                self._in_flight[row.id] = boot_clock()

    def _count(self, messages: int | None = None, callbacks: int | None = None) -> None:
        metrics = self._runtime.metrics
        if messages is not None:
            self._waiting.messages = messages
            metrics.set("pending_messages", messages)
        if callbacks is not None:
            self._waiting.callbacks = callbacks
            metrics.set("pending_callbacks", callbacks)

    async def _receive(self) -> None:
        inbox, metrics = self._link.inbox, self._runtime.metrics
        while True:
            batch = [await inbox.get()]
            while not inbox.empty() and len(batch) < BATCH:
                batch.append(inbox.get_nowait())
            metrics.set("in_messages_pending_processing", inbox.qsize() + len(batch))
            await self._settle(batch)
            metrics.set("in_messages_pending_processing", inbox.qsize())

    async def _settle(self, batch: list[News]) -> None:
        self._note(batch)
        for news in batch:
            if news["op"] == "inbound":
                await store_media(self._runtime, news)
        while True:
            try:
                done: Recorded = await self._runtime.run(record, batch, Wanted.of(self._runtime.application))
            except DatabaseDown as error:
                log.warning("shard %d: news not written: %s", self._shard, error.orig)
                await asyncio.sleep(max(MIN_IDLE, self._runtime.scale.seconds(1)))
            else:
                break
        if done.inbound:
            self._runtime.metrics.add("in_message_persisted", done.inbound)
        for callback in done.passing:
            self._webhooks.push(callback)
        self._callbacks.set()
        if any(news["op"] == "taken" for news in batch):
            self._outgoing.set()
        self._acknowledge(batch)

    def _acknowledge(self, batch: list[News]) -> None:
        try:
            for news in batch:
                if news["op"] != "taken":
                    self._link.send({"op": "got", "news": news["news"]})
        except Fenced:
            log.info("shard %d: news will come again", self._shard)

    def _note(self, batch: list[News]) -> None:
        metrics = self._runtime.metrics
        for news in batch:
            if news["op"] == "inbound":
                metrics.add("in_message_from_server")
                metrics.add("in_message_decoded")
                continue
            metrics.add("out_message_status", status=messages.SENT if news["op"] == "taken" else news["status"])
            sent = self._in_flight.get(news["id"]) if news["op"] == "taken" else None
            if sent is not None:
                metrics.observe("out_message_sent_duration_ms", (boot_clock() - sent) * 1000, retry="0", type="")

    async def _feed_webhook(self) -> None:
        while True:
            try:
                await self._feed_round()
            except DatabaseDown as error:
                log.warning("shard %d: callbacks not read: %s", self._shard, error.orig)
            await self._pause(self._callbacks)

    async def _feed_round(self) -> None:
        webhooks, slots = self._webhooks, self.slots
        if webhooks.room:
            limit = webhooks.size + BATCH
            rows: list[Callback] = await self._runtime.run(read_callbacks, slots, limit)
            for row in rows:
                if not webhooks.holds(row.seq):
                    webhooks.push(row)
            if len(rows) < limit:
                self._count(callbacks=len(rows))
                return
            self._callbacks.set()
        self._count(callbacks=await self._runtime.run(count_callbacks, slots))

    async def _expire(self) -> None:
        day = self._runtime.scale.seconds(DAY)
        while True:
            try:
                await self._expire_round(int(day * 1000))
            except DatabaseDown as error:
                log.warning("shard %d: %s", self._shard, error.orig)
            await asyncio.sleep(day / 1440)

    async def _expire_round(self, older_than: int) -> None:
        rows: list[Message] = await self._runtime.run(messages.expired, self.slots, older_than, WINDOW)
        for row in rows:
            await self._runtime.run(_fail, row, status_callback(row.id, row.peer, messages.FAILED, EXPIRED))


def _fail(connection: Connection, row: Message, callback: Callback) -> None:
    if messages.advance(connection, row.id, messages.FAILED):
        add_callbacks(connection, [callback])
