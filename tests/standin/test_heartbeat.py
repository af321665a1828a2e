"""What one master's heartbeat monitor knows, and that standing still oneself proves nothing about others."""

import asyncio
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from standin.common import loopwatch
from standin.common.peers import PeerDown
from standin.common.timing import Scale
from standin.node.base.intervals import Monitoring
from standin.node.base.runtime import Runtime
from standin.node.master.heartbeat import Heartbeats
from standin.store.nodes import Node

CORE = Node("core1:aa", "core1", (1, 2, 3, 4), "coreapp", "2.57.2", "inc1")
DEAD = replace(CORE, name="core2:bb", hostname="core2")
TAKEN = replace(CORE, name="core3:cc", hostname="core3")
MASTERS = [replace(CORE, name=f"master{number}:dd", hostname=f"master{number}", kind="master") for number in (1, 2)]


def test_silence() -> None:
    """Counts from the last answer, of a new node from when it was first seen, of an unknown one not at all."""
    now = 100.0
    beats = Heartbeats(cast(Runtime, None), lambda: now)
    beats.follow({"a", "b"})
    now = 110
    beats.answered("a", "inc")
    now = 125
    assert [beats.silence(name) for name in ("a", "b", "unknown")] == [15, 25, 0]
    assert [beats.incarnation(name) for name in ("a", "b", "unknown")] == ["inc", "", ""]
    beats.stalled()
    assert [beats.silence(name) for name in ("a", "b")] == [0, 0]
    beats.follow({"b"})
    now = 126
    assert [beats.silence(name) for name in ("a", "b")] == [0, 1]


async def _call(_method: str, host: str, _port: int, _path: str, timeout: float) -> tuple[int, dict[str, Any]]:
    if host == "core2":
        raise PeerDown("no one there")
    # whoever has core3's address now is another node than the one meant
    return 200, {"name": CORE.name if host == "core1" else "core3:ee", "incarnation": "inc1"}


@pytest.mark.parametrize("masters", [1, 2])
def test_who_is_asked(masters: int) -> None:
    """Coreapps, while there are two or more masters; only the node meant can answer for itself."""

    rounds = 0

    async def read(_function: object) -> list[Node]:
        nonlocal rounds
        rounds += 1
        return [CORE, DEAD, TAKEN, *MASTERS[:masters]]

    async def scene() -> Heartbeats:
        facts = {"scale": Scale(100), "monitoring": Monitoring(), "run": read, "peers": SimpleNamespace(call=_call)}
        beats = Heartbeats(cast(Runtime, SimpleNamespace(**facts)))
        task = asyncio.create_task(beats.run())
        while rounds < 5:
            await asyncio.sleep(0.01)
        task.cancel()
        return beats

    beats = asyncio.run(scene())
    assert beats.enabled is (masters == 2)
    assert [beats.incarnation(node.name) for node in (CORE, DEAD, TAKEN)] == ["inc1" if masters == 2 else "", "", ""]
    silences = [beats.silence(node.name) > beats.silence(CORE.name) for node in (DEAD, TAKEN)]
    assert silences == [masters == 2] * 2


def test_a_stall_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long the event loop stood still; nothing while it does not."""
    monkeypatch.setattr(loopwatch, "PERIOD", 0.05)
    told: list[float] = []

    async def scene() -> None:
        task = asyncio.create_task(loopwatch.watch_loop(told.append))
        await asyncio.sleep(0.02)
        time.sleep(0.5)
        await asyncio.sleep(0.1)
        task.cancel()

    asyncio.run(scene())
    assert len(told) == 1
    assert 0.3 < told[0] < 5
