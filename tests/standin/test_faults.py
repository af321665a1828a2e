"""Faults on demand: kept per container, told apart, undone."""

import asyncio
from pathlib import Path

import pymysql  # type: ignore[import-untyped]
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from standin.common import faults
from standin.common.environment import Database
from standin.common.fault_commands import parse, seed
from standin.common.faults import Faults, MigrationFault, check_migration, pass_unless_hung, wall_time
from standin.gateway.standinctl import _parser, _run
from standin.node.shard.fence import Fence
from standin.store.engine import connect
from standin.web.answers import middleware
from standin.web.faults import injected_faults, strikes


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """The container's faults, kept where the test can write."""
    monkeypatch.setattr(faults.FAULTS, "_path", tmp_path / "state" / "faults.json")
    return faults.FAULTS


def _ctl(*words: str) -> str:
    return _run(_parser().parse_args(["fault", *words]))


def test_command_line(known: Faults) -> None:
    """Added, listed, removed one by one or all."""
    assert _ctl("list") == "no faults"
    assert _ctl("add", "hang") == "fault 1"
    assert _ctl("add", "clock", "-3600") == "fault 2"
    assert [fault.kind for fault in known.read()] == ["hang", "clock"]
    assert _ctl("clear", "1") == "1 removed"
    assert "clock" in _ctl("list", "--json")
    assert _ctl("clear") == "1 removed"
    assert known.read() == []


def test_a_number_is_given_once(known: Faults) -> None:
    """A webapp counts by number how often a fault struck: a new one is not taken for one that is used up."""
    assert _ctl("add", "hang") == "fault 1"
    assert _ctl("clear") == "1 removed"
    assert _ctl("add", "hang") == "fault 2"
    assert Faults(known._path).add("hang", {}).id == 3


def test_another_process_sees_a_change(known: Faults) -> None:
    """The file is what counts."""
    other = Faults(known._path)
    assert other.of("hang") == []
    known.add("hang", {})
    assert [fault.id for fault in other.of("hang")] == [1]


def test_seed(known: Faults) -> None:
    """STANDIN_FAULTS counts at the first start only; what it does not know ends the start."""
    seed("dbupgrade 40; clock 5", known)
    assert [(fault.kind, fault.values) for fault in known.read()] == [
        ("dbupgrade", {"percent": 40.0}),
        ("clock", {"seconds": 5.0}),
    ]
    known.clear()
    seed("hang", known)
    assert known.read() == []
    with pytest.raises(SystemExit):
        parse(["unknown"])


def test_clock_and_migration(known: Faults) -> None:
    """A wrong clock is off by what was asked for; a migration fails where it was asked to."""
    right = wall_time()
    known.add("clock", {"seconds": 3600})
    assert 3599 < wall_time() - right < 3610
    known.add("dbupgrade", {"percent": 40.0})
    check_migration(39)
    with pytest.raises(MigrationFault):
        check_migration(40)


def test_hang(known: Faults) -> None:
    """Waits as long as the fault is there."""
    known.add("hang", {})

    async def scene() -> None:
        waiting = asyncio.create_task(pass_unless_hung())
        done, _ = await asyncio.wait([waiting], timeout=0.1)
        assert not done
        known.clear()
        await asyncio.wait_for(waiting, 5)

    asyncio.run(scene())


def test_database_refused(known: Faults) -> None:
    """Whoever takes a connection, a new one or one that is open already, gets the driver's error."""
    (refuse,) = connect(Database("MYSQL", "localhost", 1, "u", "p", "", 180000), None).pool.dispatch.checkout
    refuse(None, None, None)
    known.add("database-refused", {})
    with pytest.raises(pymysql.err.OperationalError, match="refused"):
        refuse(None, None, None)


def test_fencing_off() -> None:
    """A holder goes on after its time, one that never held or gave back does not."""
    now, off = 0.0, False
    fence = Fence(10, lambda: now, lambda: off)
    off = True
    assert not fence.held
    fence.renewed(0)
    now = 100
    assert fence.held
    off = False
    assert not fence.held
    off = True
    fence.lost()
    assert not fence.held


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [("*", True), ("POST /v1/account*", True), ("/v1/account/shards", True), ("GET /v1/account/*", False)],
)
def test_patterns(pattern: str, hit: bool) -> None:
    """Method and path with wildcards."""
    assert strikes(faults.Fault(1, "api", {"endpoint": pattern}), "POST", "/v1/account/shards") is hit


def test_api_faults(known: Faults) -> None:
    """Code, status and number of times as asked for; other endpoints are left alone."""

    async def fine(_request: web.Request) -> web.Response:
        return web.json_response({})

    async def scene() -> list[tuple[int, int | None]]:
        app = web.Application(middlewares=[middleware("2.57.2"), injected_faults()])
        app.add_routes([web.get("/v1/health", fine), web.post("/v1/messages", fine)])
        seen = []
        async with TestClient(TestServer(app)) as client:
            for method, path in [("POST", "/v1/messages")] * 3 + [("GET", "/v1/health")]:
                async with client.request(method, path) as answer:
                    errors = (await answer.json()).get("errors")
                    seen.append((answer.status, errors[0]["code"] if errors else None))
        return seen

    known.add(*parse(["api", "--endpoint", "POST /v1/messages", "--code", "1011", "--status", "403", "--times", "2"]))
    assert asyncio.run(scene()) == [(403, 1011), (403, 1011), (200, None), (200, None)]
