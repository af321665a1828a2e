"""The control shard: with two or more shards the primary master has a connection of its own."""

import asyncio
import contextlib

from standin.common.tasks import spawn
from standin.node.base.runtime import Runtime
from standin.node.shard.fence import Fence
from standin.node.shard.link import Link
from standin.store.config import Account

CONTROL_SHARD = -1
LOOK = 1.0
MIN_LOOK = 0.1


class ControlSession:
    """The control shard's connection, under the master lease; there while the number has several shards."""

    def __init__(self, runtime: Runtime, epoch: int, fence: Fence) -> None:
        self._runtime = runtime
        self._epoch = epoch
        self._fence = fence
        self._account: Account | None = None
        self._link: Link | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def status(self) -> str:
        """connecting, connected or disconnected."""
        return self._link.status if self._link else "disconnected"

    async def run(self) -> None:
        """Connects and disconnects as the number of shards wants it; closes when cancelled."""
        try:
            while True:
                account = self._runtime.account
                wanted = account if account is not None and account.shards > 1 else None
                if wanted != self._account:
                    await self._close()
                if wanted and self._link is None:
                    self._account = wanted
                    self._link = Link(self._runtime, CONTROL_SHARD, self._epoch, self._fence, "primary")
                    self._task = spawn(self._link.run(), "link control")
                await asyncio.sleep(max(MIN_LOOK, self._runtime.scale.seconds(LOOK)))
        finally:
            await self._close()

    async def _close(self) -> None:
        task, self._task, self._link, self._account = self._task, None, None, None
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
