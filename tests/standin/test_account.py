"""Registration and shards as the primary master serves them, against the fake of WhatsApp on a local port."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from standin.common import whatsapp
from standin.common.environment import NodeSettings
from standin.common.errors import ApiError
from standin.common.peers import Peers
from standin.common.release import Release
from standin.common.timing import Scale
from standin.gateway.accounts import Accounts
from standin.gateway.certificates import issue
from standin.gateway.delivery import Delivery
from standin.gateway.server import Server
from standin.gateway.sessions import Sessions
from standin.gateway.traffic import Traffic
from standin.node import sharding, two_step
from standin.node.registration import request_code, verify_code
from standin.node.runtime import Runtime
from standin.store import leases
from standin.store.nodes import Node, register_node
from standin.store.sharding import read_order
from tests.standin.database import engine_with_clock

NUMBER = {"cc": "49", "phone_number": "1511"}
MASTER = Node("m:aa", "localhost", (1, 1, 1, 1), "master", "2.57.2", "m")
CORE = Node("core0:bb", "localhost", (1, 1, 1, 1), "coreapp", "2.57.2", "core0/0")


@dataclass
class World:
    """A primary master of epoch 1 with one coreapp, and WhatsApp."""

    runtime: Runtime
    accounts: Accounts

    @property
    def daemon(self) -> Any:
        """The master's daemon, as far as the handlers look at it."""
        return SimpleNamespace(runtime=self.runtime, election=SimpleNamespace(epoch=1))

    async def register(self, phone_number: str = "1511") -> None:
        """As a person with a phone would."""
        number = "49" + phone_number
        order = {"cc": "49", "phone_number": phone_number, "method": "sms", "cert": issue(number, "Shop")}
        assert (await request_code(self.runtime, order))[0] == 202
        assert (await verify_code(self.runtime, {"code": self.accounts.numbers[number].code}))[0] == 201

    async def code_of(self, work: Awaitable[Any]) -> int:
        """The error code of a refusal."""
        with pytest.raises(ApiError) as refusal:
            await work
        return refusal.value.code


@asynccontextmanager
async def world(state: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Both ends, over a real connection."""
    engine = engine_with_clock(lambda: 1000.0)
    with engine.begin() as connection:
        leases.create_lead_row(connection)
        leases.try_lead(connection, MASTER.name, MASTER.incarnation, 10**9)
        register_node(connection, CORE)

    async def run(work: Callable[[Any], Any]) -> Any:
        with engine.begin() as connection:
            return work(connection)

    accounts = Accounts(Scale(), state)
    sessions = Sessions(accounts, lambda *_event, **_facts: None, 10, lambda: 0.0)
    delivery = Delivery()
    traffic = Traffic(sessions, 10, lambda: 0.0, delivery.wake)
    server = Server(accounts, sessions, traffic, delivery, lambda *_event, **_facts: None)
    listener = await asyncio.start_server(server.client, "127.0.0.1", 0)
    monkeypatch.setattr(whatsapp, "HOST", "127.0.0.1")
    monkeypatch.setattr(whatsapp, "PORT", listener.sockets[0].getsockname()[1])
    release, peers = Release("coreapp", "2.57.2", "2999-01-01"), Peers("", 0.5)
    runtime = Runtime(cast(NodeSettings, None), release, Scale(), cast(Any, SimpleNamespace(run=run)), peers, MASTER)
    runtime.cluster_id, runtime.schema_ready = "cluster", True
    try:
        yield World(runtime, accounts)
    finally:
        listener.close()
        await peers.close()


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[World], Awaitable[None]]], None]:
    """Runs a scene."""

    def run(scene: Callable[[World], Awaitable[None]]) -> None:
        async def main() -> None:
            async with world(tmp_path / "numbers.json", monkeypatch) as there:
                await scene(there)

        asyncio.run(main())

    return run


def test_registered_again(play: Any) -> None:
    """Nothing to do while WhatsApp knows us; once the number went elsewhere, a code is sent again."""

    async def scene(there: World) -> None:
        await there.register()
        again = NUMBER | {"method": "sms", "cert": issue("491511", "Shop")}
        assert await request_code(there.runtime, again) == (201, {})
        there.accounts.numbers["491511"].registration = "elsewhere"
        assert (await request_code(there.runtime, again))[0] == 202

    play(scene)


def test_another_number_restarts_the_coreapps(play: Any) -> None:
    """The first registration does not."""

    async def scene(there: World) -> None:
        await there.register()
        assert (await there.runtime.run(read_order)).incarnations == frozenset()
        await there.register("1512")
        assert (await there.runtime.run(read_order)).incarnations == {CORE.incarnation}

    play(scene)


def test_shards(play: Any) -> None:
    """Registration, number and PIN are looked at before anything is changed; then it is unavailable for a while."""

    async def scene(there: World) -> None:
        body = NUMBER | {"shards": "2", "cert": issue("491511", "Shop")}
        assert await there.code_of(sharding.change(there.daemon, body)) == 1005
        await there.register()
        assert await there.code_of(sharding.change(there.daemon, body | {"phone_number": "1"})) == 1005
        await two_step.enable(there.runtime, {"pin": "123456"})
        for pin, code in ((None, 1005), ("654321", 1005), ("12", 1009)):
            assert await there.code_of(sharding.change(there.daemon, body | {"pin": pin})) == code
        alone = SimpleNamespace(runtime=there.runtime, election=None)
        assert await there.code_of(sharding.change(cast(Any, alone), body)) == 1005
        assert await sharding.show(there.runtime, {}) == (200, {"account": {"shards": 1}})
        body |= {"pin": "123456"}
        assert await sharding.change(there.daemon, body) == (201, {})
        assert await sharding.show(there.runtime, {}) == (200, {"account": {"shards": 2}})
        with pytest.raises(ApiError) as refusal:
            await sharding.change(there.daemon, body)
        assert (refusal.value.status, refusal.value.code) == (403, 1011)

    play(scene)


def test_a_master_that_lost_its_lease_changes_nothing(play: Any) -> None:
    """It answers like one that is not primary."""

    async def scene(there: World) -> None:
        await there.register()
        body = NUMBER | {"shards": 2, "cert": issue("491511", "Shop")}
        for epoch in (None, 7):
            late = SimpleNamespace(runtime=there.runtime, election=SimpleNamespace(epoch=epoch))
            assert await there.code_of(sharding.change(cast(Any, late), body)) == 1017
        assert await sharding.show(there.runtime, {}) == (200, {"account": {"shards": 1}})

    play(scene)
