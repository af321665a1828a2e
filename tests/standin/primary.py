"""A primary master's handlers on SQLite, against the fake of WhatsApp on a local port."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from standin.common import whatsapp
from standin.common.environment import node_settings
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
from standin.node.account.registration import request_code, verify_code
from standin.node.base.runtime import Runtime
from standin.store import leases
from standin.store.nodes import Node, register_node
from tests.standin.database import engine_with_clock

NUMBER = {"cc": "49", "phone_number": "1511"}
MASTER = Node("m:aa", "localhost", (1, 1, 1, 1), "master", "2.57.2", "m")
ENVIRONMENT = {"WA_DB_ENGINE": "MYSQL", "WA_DB_HOSTNAME": "db", "WA_DB_USERNAME": "u", "WA_APP_MULTICONNECT": "1"}
CORE = Node("core0:bb", "localhost", (1, 1, 1, 1), "coreapp", "2.57.2", "core0/0")


@dataclass
class World:
    """A primary master of epoch 1 with one coreapp, and WhatsApp."""

    runtime: Runtime
    accounts: Accounts

    @property
    def parts(self) -> Any:
        """The master's parts, as far as the handlers look at them."""
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
    store = cast(Any, SimpleNamespace(run=run))
    runtime = Runtime(node_settings(ENVIRONMENT), release, Scale(), store, peers, MASTER)
    runtime.cluster_id, runtime.schema_ready = "cluster", True
    try:
        yield World(runtime, accounts)
    finally:
        listener.close()
        await peers.close()
