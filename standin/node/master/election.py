"""Masters compete for one lease in the database; its holder is the primary master."""

import asyncio
import contextlib
import logging

from standin.common.tasks import spawn
from standin.common.timing import boot_clock
from standin.node.base.intervals import LEASE_RENEWALS, MASTER_LEASE
from standin.node.base.runtime import Runtime
from standin.node.base.schema import bring_up_to_date
from standin.node.base.telling import tell_all
from standin.node.master.control_session import ControlSession
from standin.node.master.heartbeat import Heartbeats
from standin.node.master.primary import Primary
from standin.node.shard.fence import Fence
from standin.store.engine import DatabaseDown
from standin.store.leases import keep_lead, try_lead

log = logging.getLogger("election")


class Election:
    """One master's part in the competition."""

    def __init__(self, runtime: Runtime, heartbeats: Heartbeats) -> None:
        self._runtime = runtime
        self._heartbeats = heartbeats
        self._fence = Fence(runtime.scale.seconds(MASTER_LEASE))
        self._epoch: int | None = None
        self._duties: asyncio.Task[None] | None = None
        self._control: ControlSession | None = None

    @property
    def epoch(self) -> int | None:
        """The epoch under which this master leads, None when it does not."""
        return self._epoch if self.primary else None

    @property
    def control_status(self) -> str:
        """The status of the control shard's connection, as /v1/health names it."""
        return self._control.status if self._control and self.primary else "disconnected"

    @property
    def primary(self) -> bool:
        """This master holds the lease now."""
        return self._epoch is not None and self._fence.held

    async def run(self) -> None:
        """Takes or renews the lease until cancelled."""
        ttl = int(self._fence.ttl * 1000)
        while True:
            try:
                await self._step(ttl)
            except DatabaseDown as error:
                log.warning("master lease: %s", error.orig)
            if self._epoch is not None and not self._fence.held:
                log.warning("master lease lapsed, epoch %d", self._epoch)
                await self._step_down()
            await asyncio.sleep(self._fence.ttl / LEASE_RENEWALS)

    async def _step(self, ttl: int) -> None:
        runtime = self._runtime
        sent = boot_clock()
        incarnation = runtime.node.incarnation
        if self._epoch is None:
            epoch = await runtime.run(try_lead, runtime.name, incarnation, ttl)
            if epoch is not None:
                self._fence.renewed(sent)
                self._epoch = epoch
                log.warning("primary master now, epoch %d", epoch)
                self._duties = spawn(self._serve(epoch), f"primary {epoch}")
        elif await runtime.run(keep_lead, incarnation, self._epoch, ttl):
            self._fence.renewed(sent)
        else:
            log.warning("master lease went to another, epoch %d", self._epoch)
            await self._step_down()

    async def _step_down(self) -> None:
        self._epoch = None
        self._fence.lost()
        if self._duties:
            self._duties.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._duties
            self._duties = None

    async def _serve(self, epoch: int) -> None:
        await bring_up_to_date(self._runtime, tell_all)
        self._control = ControlSession(self._runtime, epoch, self._fence)
        await asyncio.gather(self._control.run(), Primary(self._runtime, self._heartbeats, epoch).run())
