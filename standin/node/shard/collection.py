"""Garbage collection of messages and media files, on demand and by itself; outcomes of the former go to the webhook.

Rows are removed range by range, so that no statement runs long and the database serves others in between.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from standin.common.media import ROOT
from standin.common.sharding import SLOTS
from standin.node.base.runtime import Runtime
from standin.node.shard.webhooks import Webhooks
from standin.store import messages
from standin.store.callbacks import SERVICE, Callback
from standin.store.engine import DatabaseDown
from standin.store.media import remove_medium, unused_media

log = logging.getLogger("collection")
RANGE = 20000
BATCH = 500
MOST = 5_000_000
HOUR = 3600.0
DAY = 24 * HOUR
ON_DEMAND_AGE = HOUR
KEEP = 30 * DAY
PERIOD = HOUR


def share_of(part: int, parts: int) -> list[int]:
    """The slots that one of several coreapps collects."""
    return [slot for slot in range(SLOTS) if slot % parts == part]


class Collection:
    """One node's collections; at most one of each kind at a time."""

    def __init__(self, runtime: Runtime, webhooks: Webhooks) -> None:
        self._runtime = runtime
        self._webhooks = webhooks
        self._messages = asyncio.Lock()
        self._media = asyncio.Lock()

    def _milliseconds(self, seconds: float) -> int:
        return int(self._runtime.scale.seconds(seconds) * 1000)

    async def messages_now(self, part: int, parts: int) -> None:
        """This node's share of PUT /v1/services/message/gc; does nothing while one is running."""
        if self._messages.locked():
            return
        gc: dict[str, Any] = {"node": self._runtime.name} if self._runtime.settings.multiconnect else {}
        try:
            gc |= {"messages_deleted": await self._collect_messages(share_of(part, parts), ON_DEMAND_AGE)}
            gc |= {"status": "complete"}
        except DatabaseDown as error:
            log.warning("messages not collected: %s", error.orig)
            gc |= {"status": "failed", "errors": [_error("Could not delete messages")]}
        self._webhooks.push(Callback(0, SERVICE, {"services": [{"message": {"gc": gc}}]}))

    async def _collect_messages(self, slots: list[int], age: float) -> int:
        async with self._messages:
            older_than, deleted = self._milliseconds(age), 0
            first, last = await self._runtime.run(messages.span)
            while first <= last and deleted < MOST:
                end = first + RANGE - 1
                deleted += await self._runtime.run(messages.collect, first, end, slots, older_than)
                first = end + 1
            log.info("messages collected: %d", deleted)
            return deleted

    async def media_now(self) -> None:
        """PUT /v1/services/media/gc; does nothing while one is running."""
        if self._media.locked():
            return
        try:
            gc: dict[str, Any] = {"items_deleted": await self._collect_media(), "status": "complete"}
        except (DatabaseDown, OSError) as error:
            log.warning("media files not collected: %s", error)
            gc = {"status": "failed", "errors": [_error("Could not delete media files")]}
        self._webhooks.push(Callback(0, SERVICE, {"services": [{"media": {"gc": gc}}]}))

    async def _collect_media(self) -> int:
        async with self._media:
            deleted = 0
            while files := await self._runtime.run(unused_media, self._milliseconds(KEEP), BATCH):
                for medium in files:
                    await asyncio.to_thread((ROOT / medium.folder / medium.id).unlink, missing_ok=True)
                    await self._runtime.run(remove_medium, medium.id)
                    deleted += 1
            log.info("media files collected: %d", deleted)
            return deleted

    async def run(self, own_slots: Callable[[], list[int]]) -> None:
        """The automatic collections of a coreapp that owns slots, each hour; runs until cancelled."""
        while True:
            await asyncio.sleep(self._runtime.scale.seconds(PERIOD))
            wanted, slots = self._runtime.application["garbagecollector_enable"], own_slots()
            try:
                if wanted["messages"] and slots and not self._messages.locked():
                    await self._collect_messages(slots, KEEP)
                if wanted["media"] and 0 in slots and not self._media.locked():
                    await self._collect_media()
            except (DatabaseDown, OSError) as error:
                log.warning("not collected: %s", error)


def _error(details: str) -> dict[str, Any]:
    return {"code": 1014, "title": "Internal error", "details": details}
