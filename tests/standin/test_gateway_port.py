"""The port that clients connect to, over real connections: pings, a replaced session that goes on, the ban."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from standin.common import jsonlines
from standin.common.tasks import spawn
from standin.common.timing import Scale, boot_clock
from standin.gateway.accounts import Accounts
from standin.gateway.delivery import Delivery
from standin.gateway.server import Server
from standin.gateway.sessions import Hello, Sessions
from standin.gateway.traffic import Traffic

PERIOD = 0.2
FIRST = Hello("4915", "cluster", "registration", 0, 1, "core1:aa", "2.57.2", "initial")
SECOND = Hello("4915", "cluster", "registration", 0, 2, "core2:bb", "2.57.2", "heartbeat")


class World:
    """WhatsApp on a local port, and what it noted."""

    def __init__(self, state: Path) -> None:
        self.events: list[str] = []
        accounts = Accounts(Scale(), state)
        self.sessions = Sessions(accounts, self._note, PERIOD, boot_clock)
        delivery = Delivery()
        traffic = Traffic(self.sessions, PERIOD, boot_clock, delivery.wake)
        self.server = Server(accounts, self.sessions, traffic, delivery, self._note)
        self.port = 0

    def _note(self, event: str, **_facts: Any) -> None:
        self.events.append(event)

    async def client(self, hello: Hello, answers: bool) -> None:
        """A client that answers all its pings, or none; returns when WhatsApp ends the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(jsonlines.encode({"op": "hello"} | asdict(hello)))
        try:
            while message := await jsonlines.read(reader):
                if message["op"] == "ping" and answers:
                    writer.write(jsonlines.encode({"op": "pong", "id": message["id"]}))
        except ConnectionError:
            return
        finally:
            writer.close()


def play(state: Path, scene: Callable[[World], Awaitable[None]]) -> World:
    """Runs a scene on a fresh WhatsApp."""
    world = World(state)

    async def main() -> None:
        listener = await asyncio.start_server(world.server.client, "127.0.0.1", 0)
        world.port = listener.sockets[0].getsockname()[1]
        sweep = spawn(world.server.sweep(), "sweep")
        try:
            await asyncio.wait_for(scene(world), 20)
        finally:
            sweep.cancel()
            listener.close()

    asyncio.run(main())
    return world


def test_an_owner_that_goes_on_is_found_out(tmp_path: Path) -> None:
    """Both are ended by the ban, the older one having been noted as the double connection that it is."""

    async def scene(world: World) -> None:
        old = asyncio.create_task(world.client(FIRST, answers=True))
        while "connected" not in world.events:
            await asyncio.sleep(0.01)
        await asyncio.gather(old, world.client(SECOND, answers=True))

    world = play(tmp_path / "numbers.json", scene)
    assert world.events[-4:] == ["double_connection", "banned", "disconnected", "disconnected"]


def test_an_owner_that_is_silent_is_forgotten(tmp_path: Path) -> None:
    """Its connection is ended a while after its successor came; nothing is punished."""

    async def scene(world: World) -> None:
        old = asyncio.create_task(world.client(FIRST, answers=False))
        while "connected" not in world.events:
            await asyncio.sleep(0.01)
        heir = asyncio.create_task(world.client(SECOND, answers=True))
        await old
        assert [session.hello for session in world.sessions.open.values()] == [SECOND]
        world.sessions.registered_anew(SECOND.number)
        await heir

    world = play(tmp_path / "numbers.json", scene)
    noted = [event for event in world.events if event != "adopted"]
    assert noted == ["connected", "replaced", "connected", "disconnected", "disconnected"]
