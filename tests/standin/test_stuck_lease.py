"""The fault `lease-not-renewed`: a coreapp that is alive, and whose shard no one serves."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from standin.common import faults, whatsapp
from standin.common.environment import node_settings
from standin.common.peers import Peers
from standin.common.release import Release
from standin.common.timing import Scale
from standin.node.base.runtime import Runtime
from standin.node.shard.owner import ShardOwner
from standin.node.shard.webhooks import Webhooks
from standin.store import leases
from standin.store.config import Account, write_account
from standin.store.engine import DatabaseDown
from standin.store.nodes import read_nodes, register_node, touch_node
from tests.standin.database import engine_with_clock
from tests.standin.primary import CORE, ENVIRONMENT
from tests.standin.small_cluster import LocalStore

SCALE = 40  # a lease of half a second


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> faults.Faults:
    """This process's faults; WhatsApp is not there."""
    monkeypatch.setattr(faults.FAULTS, "_path", tmp_path / "faults.json")
    monkeypatch.setattr(whatsapp, "HOST", "127.0.0.1")
    monkeypatch.setattr(whatsapp, "PORT", 9)
    return faults.FAULTS


@dataclass
class Node:
    """A coreapp to which the only shard has been given."""

    runtime: Runtime
    owner: ShardOwner

    async def shard(self) -> leases.Shard:
        """The shard as the database has it."""
        (found,) = await self.runtime.run(leases.read_shards)
        return cast(leases.Shard, found)

    @property
    def acts(self) -> bool:
        """It may act for its shard."""
        return self.owner.holding is not None and self.owner.holding.fence.held


def node() -> Node:
    """A fresh one."""
    store = LocalStore(engine_with_clock(time.time))

    def given(connection: Any) -> None:
        leases.create_lead_row(connection)
        leases.try_lead(connection, "m", "m", 10**9)
        leases.create_shards(connection, 1)
        leases.grant_shard(connection, leases.read_shards(connection)[0], CORE.name, CORE.incarnation, "test", "m", 1)
        write_account(connection, Account("49", "1511", "Shop", "reg", 0))
        register_node(connection, CORE)

    store.call(given)
    release = Release("coreapp", "2.57.2", "2999-01-01")
    runtime = Runtime(node_settings(ENVIRONMENT), release, Scale(SCALE), cast(Any, store), Peers("", 0.5), CORE)
    runtime.cluster_id, runtime.schema_ready = "c1", True
    return Node(runtime, ShardOwner(runtime, Webhooks(runtime)))


async def until(look: Callable[[], bool]) -> None:
    """Waits for something to become true."""
    async with asyncio.timeout(20):
        while not look():
            await asyncio.sleep(0.02)


def test_a_lease_that_is_not_renewed(known: faults.Faults) -> None:
    """It lapses here and in the database, while the rest works; with the fault gone the same owner goes on."""

    async def scene() -> None:
        there = node()
        assert await there.owner.promote(0, 1, "test")
        assert there.acts
        known.add("lease-not-renewed", {})
        await until(lambda: not there.acts)
        async with asyncio.timeout(20):
            while not (await there.shard()).lapsed:
                await asyncio.sleep(0.02)
        assert await there.runtime.run(touch_node, CORE)
        (alive,) = await there.runtime.run(read_nodes)
        assert alive.age < 1000
        shard = await there.shard()
        assert (shard.owner, shard.epoch, shard.revoked) == (CORE.name, 1, False)
        known.clear()
        await until(lambda: there.acts)
        assert not (await there.shard()).lapsed

    asyncio.run(scene())


def test_no_shard_is_taken_either(known: faults.Faults) -> None:
    """So the primary looks for another coreapp."""

    async def scene() -> None:
        there = node()
        known.add("lease-not-renewed", {})
        with pytest.raises(DatabaseDown, match="fault"):
            await there.owner.promote(0, 1, "test")
        assert there.owner.holding is None
        assert not (await there.shard()).taken

    asyncio.run(scene())
