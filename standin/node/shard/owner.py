"""A coreapp's shard: taken on the primary's order, renewed while the database says so, dropped when it lapses."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass

from standin.common.faults import fencing_off
from standin.common.tasks import spawn
from standin.common.timing import boot_clock
from standin.node.base.intervals import LEASE_RENEWALS
from standin.node.base.runtime import Runtime
from standin.node.shard.courier import Courier
from standin.node.shard.fence import Fence
from standin.node.shard.link import Link
from standin.node.shard.webhooks import Webhooks
from standin.store.engine import DatabaseDown
from standin.store.leases import renew_shard

log = logging.getLogger("shard")


@dataclass(frozen=True)
class Holding:
    """The shard that this node owns under one epoch."""

    shard: int
    epoch: int
    fence: Fence
    link: Link
    courier: Courier
    tasks: tuple[asyncio.Task[None], ...]


class ShardOwner:
    """Owns at most one shard."""

    def __init__(self, runtime: Runtime, webhooks: Webhooks) -> None:
        self._runtime = runtime
        self._webhooks = webhooks
        self._lock = asyncio.Lock()
        self.holding: Holding | None = None

    def slots(self) -> list[int]:
        """The recipients' slots that this node serves now."""
        held = self.holding is not None and self.holding.fence.held
        return self.holding.courier.slots if held and self.holding else []

    async def promote(self, shard: int, epoch: int, reason: str) -> bool:
        """Takes a granted shard; False when the grant is no longer good. Raises sqlalchemy's DBAPIError."""
        async with self._lock:
            if self.holding and (self.holding.shard, self.holding.epoch) == (shard, epoch):
                return True
            await self._drop()
            runtime = self._runtime
            if runtime.account is None:
                await runtime.reload()
            fence = Fence(self._lease(), off=fencing_off)
            if not await self._renew(shard, epoch, fence):
                return False
            self._hold(shard, epoch, fence, reason, spawn(self._keep(shard, epoch, fence), f"lease {shard}"))
            log.warning("promoted: shard %d, epoch %d (%s)", shard, epoch, reason)
            return True

    def hold_alone(self) -> None:
        """A single instance's only shard: there is no one to lease it from, and no one to share it with."""
        fence = Fence(float("inf"))
        fence.renewed(boot_clock())
        self._hold(0, 1, fence, "single")

    def _hold(self, shard: int, epoch: int, fence: Fence, reason: str, *tasks: asyncio.Task[None]) -> None:
        link = Link(self._runtime, shard, epoch, fence, reason)
        courier = Courier(self._runtime, self._webhooks, shard, link)
        own = (spawn(link.run(), f"link {shard}"), spawn(courier.run(), f"courier {shard}"))
        self.holding = Holding(shard, epoch, fence, link, courier, (*own, *tasks))

    def _lease(self) -> float:
        """Seconds that a lease lasts with the settings of this moment."""
        return self._runtime.scale.seconds(self._runtime.monitoring.shard_lease)

    async def _renew(self, shard: int, epoch: int, fence: Fence) -> bool:
        sent = boot_clock()
        ttl = int(fence.ttl * 1000)
        renewed = bool(await self._runtime.run(renew_shard, shard, self._runtime.node.incarnation, epoch, ttl))
        if renewed:
            fence.renewed(sent)
        return renewed

    async def _keep(self, shard: int, epoch: int, fence: Fence) -> None:
        while True:
            await asyncio.sleep(fence.ttl / LEASE_RENEWALS)
            fence.limit(self._lease())
            try:
                if not await self._renew(shard, epoch, fence) and not fencing_off():
                    break
            except DatabaseDown as error:
                log.warning("shard %d: lease not renewed: %s", shard, error.orig)
        log.warning("shard %d lost, epoch %d", shard, epoch)
        fence.lost()
        spawn(self._release(shard, epoch), f"release {shard}")

    async def _release(self, shard: int, epoch: int) -> None:
        async with self._lock:
            if self.holding and (self.holding.shard, self.holding.epoch) == (shard, epoch):
                await self._drop()

    async def _drop(self) -> None:
        holding, self.holding = self.holding, None
        if holding is None:
            return
        holding.fence.lost()
        for task in holding.tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
