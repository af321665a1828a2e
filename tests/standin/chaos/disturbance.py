"""One node after another is killed, stopped, paused, hung or cut off, and comes back after a while."""

import json
import random
import time
from collections.abc import Callable

from tests.standin.chaos.background import Background
from tests.standin.cluster import Cluster, docker

BETWEEN = (2.0, 5.0)
LASTS = (1.0, 14.0)
AT_ONCE = 3

Deed = Callable[[Cluster, str], object]


def _do(*words: str) -> Deed:
    return lambda cluster, name: docker(*words, cluster.container(name), check=False)


def _cut(cluster: Cluster, name: str) -> None:
    docker("network", "disconnect", cluster.run, cluster.container(name), check=False)


def _join(cluster: Cluster, name: str) -> None:
    container = cluster.container(name)
    docker("network", "connect", "--alias", name, cluster.run, container, check=False)
    if name in cluster.webs and not docker("port", container, "443", check=False):
        docker("restart", "-t", "0", container, check=False)  # some engines do not publish the port again


def hang(cluster: Cluster, name: str) -> None:
    """The node neither dies nor answers."""
    docker("exec", cluster.container(name), "standinctl", "fault", "add", "hang", check=False)


def wake(cluster: Cluster, name: str) -> None:
    """It goes on."""
    container = cluster.container(name)
    listed = docker("exec", container, "standinctl", "fault", "list", "--json", check=False)
    for fault in json.loads(listed or "[]"):
        if fault["kind"] == "hang":
            docker("exec", container, "standinctl", "fault", "clear", str(fault["id"]), check=False)


DEEDS: dict[str, tuple[Deed, Deed]] = {
    "kill": (_do("kill"), _do("start")),
    "stop": (_do("stop", "-t", "2"), _do("start")),
    "pause": (_do("pause"), _do("unpause")),
    "cut": (_cut, _join),
    "hang": (hang, wake),
}


class Disturbance(Background):
    """Up to three nodes at a time, never all webapps or all coreapps; when it ends every node is back."""

    def __init__(self, cluster: Cluster, kinds: list[list[str]], numbers: random.Random) -> None:
        super().__init__(cluster, numbers)
        self._kinds = kinds
        self._heals: dict[str, tuple[float, Deed]] = {}

    def _tidy(self) -> None:
        self._heal(list(self._heals))

    def _work(self) -> None:
        fault_at = time.monotonic()
        while not self._stop.wait(max(0.0, min([fault_at, *self._moments()]) - time.monotonic())):
            now = time.monotonic()
            self._heal([name for name, (at, _) in self._heals.items() if at <= now])
            if fault_at <= now:
                self._strike()
                fault_at = time.monotonic() + self._numbers.uniform(*BETWEEN)

    def _moments(self) -> list[float]:
        return [at for at, _ in self._heals.values()]

    def _heal(self, names: list[str]) -> None:
        for name in names:
            _, heal = self._heals.pop(name)
            heal(self._cluster, name)

    def _strike(self) -> None:
        able = [names for names in self._kinds if len(set(names) - set(self._heals)) > 1 or "master1" in names]
        # a choice of no one uses up the same random numbers
        name = self._numbers.choice([one for names in able for one in names] or [""])
        kind = self._numbers.choice(list(DEEDS))
        lasts = self._numbers.uniform(*LASTS)
        if not name or name in self._heals or len(self._heals) >= AT_ONCE:
            return
        fault, heal = DEEDS[kind]
        self.done[kind] += 1
        fault(self._cluster, name)
        self._heals[name] = (time.monotonic() + lasts, heal)
