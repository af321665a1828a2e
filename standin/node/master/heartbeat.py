"""Every master asks every coreapp for a sign of life and remembers who has been silent for how long."""

import asyncio
import logging
from dataclasses import dataclass

from standin.common.peers import PeerDown
from standin.common.timing import Clock, boot_clock
from standin.node.base.runtime import MIN_TIMEOUT, Runtime
from standin.store.engine import DatabaseDown
from standin.store.nodes import Node, read_nodes

log = logging.getLogger("heartbeat")
STALL = 2.0


@dataclass
class Sign:
    """The last sign of life of one node: when (boot clock), and which incarnation gave it."""

    at: float
    incarnation: str = ""


class Heartbeats:
    """The heartbeat monitor's view of one master."""

    def __init__(self, runtime: Runtime, clock: Clock = boot_clock) -> None:
        self._runtime = runtime
        self._clock = clock
        self._signs: dict[str, Sign] = {}
        self.enabled = False

    def silence(self, name: str) -> float:
        """Seconds without an answer of a node, 0 for an unknown one."""
        sign = self._signs.get(name)
        return self._clock() - sign.at if sign else 0.0

    def incarnation(self, name: str) -> str:
        """The incarnation that answered last, '' when none did."""
        sign = self._signs.get(name)
        return sign.incarnation if sign else ""

    def answered(self, name: str, incarnation: str) -> None:
        """A node answered now."""
        self._signs[name] = Sign(self._clock(), incarnation)

    def follow(self, names: set[str]) -> None:
        """Forgets nodes that are gone; silence of a new one counts from now."""
        now = self._clock()
        self._signs = {name: self._signs.get(name) or Sign(now) for name in names}

    def stalled(self) -> None:
        """We stood still ourselves: silence until now proves nothing."""
        now = self._clock()
        for sign in self._signs.values():
            sign.at = now

    async def _ask(self, node: Node, timeout: float) -> None:
        try:
            status, answer = await self._runtime.peers.call(
                "GET", node.hostname, node.ports[3], "/heartbeat", timeout=timeout
            )
        except PeerDown as error:
            log.warning("no answer from %s: %s", node.name, error)
            return
        if status != 200 or answer.get("name") != node.name:
            log.warning("%s:%d answers as %s, not as %s", node.hostname, node.ports[3], answer.get("name"), node.name)
            return
        self.answered(node.name, answer["incarnation"])

    async def run(self) -> None:
        """Asks all coreapps each interval while there are two or more masters; runs until cancelled."""
        runtime = self._runtime
        while True:
            began = self._clock()
            interval = runtime.scale.seconds(runtime.monitoring.heartbeat)
            try:
                nodes: list[Node] = await runtime.run(read_nodes)
            except DatabaseDown:
                nodes = []
            if nodes:
                self.enabled = sum(node.kind == "master" for node in nodes) > 1
                self.follow({node.name for node in nodes if node.serves} if self.enabled else set())
            if self.enabled:
                timeout = max(MIN_TIMEOUT, interval)
                await asyncio.gather(*(self._ask(node, timeout) for node in nodes if node.serves))
            await asyncio.sleep(max(0.05, began + interval - self._clock()))
            if self._clock() - began > STALL * max(MIN_TIMEOUT, interval) + MIN_TIMEOUT:
                log.warning("this master stood still; silence starts anew")
                self.stalled()
