"""Restore of a backup by the number of shards that it was made with, and the one that the client has."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import delete

from standin.common.errors import ApiError
from standin.common.timing import Scale
from standin.node.account import sharding
from standin.node.master.heartbeat import Heartbeats
from standin.node.master.primary import Primary
from standin.node.settings import backup
from standin.store import leases
from standin.store.config import ACCOUNT, read_account
from standin.store.nodes import register_node
from standin.store.sharding import change_shards
from standin.store.tables import config, shard_map
from tests.standin.primary import CORE, MASTER, World

PASSWORD = "Backup-1"
Play = Callable[[Any], None]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Why the process was to end."""
    reasons: list[str] = []
    monkeypatch.setattr(backup, "end_soon", reasons.append)
    return reasons


async def set_shards(there: World, *numbers: int) -> None:
    """As so many changes one after another, each with enough time before the next."""
    for number in numbers:
        account = await there.runtime.run(read_account)
        await there.runtime.run(change_shards, account, number, MASTER.incarnation, 1)
    await there.runtime.reload()


async def saved(there: World) -> str:
    """The backup."""
    status, payload = await backup.backup(there.runtime, {"password": PASSWORD})
    assert status == 200
    return str(payload["settings"]["data"])


async def unregister(there: World) -> None:
    """As on a client whose registration was taken out of its database."""
    await there.runtime.run(lambda connection: connection.execute(delete(config).where(config.c.name == ACCOUNT)))
    await there.runtime.reload()
    assert there.runtime.account is None


async def restore(there: World, data: str) -> int | None:
    """The error's code, None when it was taken."""
    try:
        assert await backup.restore(there.runtime, {"password": PASSWORD, "data": data}) == (200, {})
    except ApiError as error:
        assert error.status == 400
        return error.code
    return None


@pytest.mark.parametrize("before", [(2,), (4, 2), (1, 2), (8, 4, 2)])
def test_two_shards(play: Play, ended: list[str], before: tuple[int, ...]) -> None:
    """Taken by a client with two shards, however many it had earlier; what ran there is started again."""

    async def scene(there: World) -> None:
        await there.register()
        await set_shards(there, *before)
        data = await saved(there)
        assert await restore(there, data) == 1025, "registered"
        await unregister(there)
        assert await sharding.show(there.runtime, {}) == (200, {"account": {"shards": 2}})
        assert await restore(there, data) is None
        assert ended == [backup.RESTORED]
        account = await there.runtime.run(read_account)
        assert (account.number, account.shards) == ("491511", 2)

    play(scene)


@pytest.mark.parametrize(("made_with", "here"), [(2, 4), (4, 2), (2, 1), (1, 2)])
def test_another_number_of_shards(play: Play, ended: list[str], made_with: int, here: int) -> None:
    """Refused with both numbers, and nothing is changed."""

    async def scene(there: World) -> None:
        await there.register()
        await set_shards(there, made_with)
        data = await saved(there)
        await set_shards(there, here)
        await unregister(there)
        with pytest.raises(ApiError, match=f"made with {made_with} shards, this client has {here}"):
            await backup.restore(there.runtime, {"password": PASSWORD, "data": data})
        assert await there.runtime.run(read_account) is None
        assert ended == []

    play(scene)


def test_a_fresh_client_has_one_shard(play: Play, ended: list[str]) -> None:
    """So a number that moves is set to one shard before its backup; that one serves at once."""

    async def scene(there: World) -> None:
        await there.register()
        one = await saved(there)
        await set_shards(there, 2)
        two = await saved(there)
        await there.runtime.run(lambda connection: connection.execute(delete(config)))
        await there.runtime.run(lambda connection: connection.execute(delete(shard_map)))
        await there.runtime.reload()
        assert await sharding.show(there.runtime, {}) == (200, {"account": {"shards": 1}})
        assert await restore(there, two) == 1025
        assert await restore(there, one) is None
        assert there.runtime.account is not None
        assert ended == []

    play(scene)


def test_both_shards_are_served_afterwards(play: Play, ended: list[str]) -> None:
    """By the coreapps that were started again, under newer epochs than before."""

    async def scene(there: World) -> None:
        await there.register()
        await set_shards(there, 2)
        for number in range(2):
            shard = (await there.runtime.run(leases.read_shards))[number]
            await there.runtime.run(leases.grant_shard, shard, CORE.name, "old", "test", MASTER.incarnation, 1)
        data = await saved(there)
        await unregister(there)
        assert await restore(there, data) is None
        cores = [replace(CORE, name=f"core{n}:cc", hostname=f"core{n}", incarnation=f"core{n}/1") for n in range(2)]
        for core in cores:
            await there.runtime.run(register_node, core)

        async def promoted(_method: str, _host: str, _port: int, path: str, order: Any) -> tuple[int, Any]:
            assert path == "/promote"
            await there.runtime.run(leases.renew_shard, order["shard"], order["incarnation"], order["epoch"], 10**9)
            return 200, {}

        runtime = replace(there.runtime, scale=Scale(100), peers=cast(Any, SimpleNamespace(call=promoted)))
        await runtime.reload()
        primary = Primary(runtime, Heartbeats(runtime), 1)
        for _ in range(6):
            await primary._tick(database_round=True)
        shards = await runtime.run(leases.read_shards)
        assert {shard.incarnation for shard in shards if shard.taken and not shard.revoked} == {"core0/1", "core1/1"}
        assert [shard.epoch for shard in shards] == [2, 2]

    play(scene)
