"""Brings news to the clients' connections when it is due."""

import asyncio

from standin.common import jsonlines
from standin.gateway.traffic import Traffic

PERIOD = 0.1


class Delivery:
    """The connections that news goes out on, by session."""

    def __init__(self) -> None:
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._some = asyncio.Event()

    def wake(self) -> None:
        """There is news."""
        self._some.set()

    def join(self, session: int, writer: asyncio.StreamWriter) -> None:
        """News for this session goes to this connection."""
        self._writers[session] = writer

    def leave(self, session: int) -> None:
        """The session is over."""
        self._writers.pop(session, None)

    async def run(self, traffic: Traffic) -> None:
        """Delivers until cancelled; sleeps while there is no news."""
        while True:
            await self._some.wait()
            self._some.clear()
            while traffic.pending:
                for session, message in traffic.due():
                    writer = self._writers.get(session)
                    if writer is not None and not writer.transport.is_closing():
                        writer.write(jsonlines.encode(message))
                await asyncio.sleep(PERIOD)
