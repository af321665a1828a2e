"""What a caller knows when a peer gave no answer: whether anybody can have got the request."""

import asyncio

import pytest

from standin.common.peers import PeerAbsent, PeerDown, Peers

HOST = "127.0.0.1"


async def _silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3)
    writer.close()


async def _closing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _ask(port: int) -> None:
    peers = Peers("", 0.5)
    try:
        await peers.call("GET", HOST, port, "/")
    finally:
        await peers.close()


async def _free_port() -> int:
    server = await asyncio.start_server(_closing, HOST, 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


def test_without_a_listener_nothing_is_delivered() -> None:
    async def run() -> None:
        await _ask(await _free_port())

    with pytest.raises(PeerAbsent):
        asyncio.run(run())


@pytest.mark.parametrize("behaviour", [_silent, _closing])
def test_whoever_took_the_connection_may_have_got_it(behaviour: object) -> None:
    async def run() -> None:
        server = await asyncio.start_server(behaviour, HOST, 0)  # type: ignore[arg-type]
        async with server:
            await _ask(server.sockets[0].getsockname()[1])

    with pytest.raises(PeerDown) as failure:
        asyncio.run(run())
    assert not isinstance(failure.value, PeerAbsent)
