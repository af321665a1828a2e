"""With the fences off: a connected coreapp hangs until WhatsApp has found it connected beside its successor."""

import contextlib
import random

from tests.standin.chaos.background import Background
from tests.standin.chaos.disturbance import hang, wake
from tests.standin.cluster import Cluster
from tests.support.waiting import NotInTime, wait_for

# Silence until it is noticed, a lease's rest, a ping period, in the real client's seconds; and what the machine takes.
PATIENCE, SLACK = 60.0, 45.0
PAUSE = 0.5


class Provocation(Background):
    """`over` is set once the number is banned or a coreapp has hung for long enough."""

    def __init__(self, cluster: Cluster, shards: int, numbers: random.Random) -> None:
        super().__init__(cluster, numbers)
        self._shards = shards

    def _work(self) -> None:
        shard = self._numbers.randrange(self._shards)
        owner = wait_for("an owner", lambda: self._owner(shard), SLACK, PAUSE)
        self.done["hang"] += 1
        hang(self._cluster, owner)
        with contextlib.suppress(NotInTime):  # the report then tells that nothing was noticed
            wait_for("the ban", lambda: self._cluster.events("banned"), PATIENCE / self._cluster.scale + SLACK, PAUSE)
        wake(self._cluster, owner)
        self.over.set()

    def _owner(self, shard: int) -> str:
        sessions = [one for one in self._cluster.sessions() if one["shard"] == shard and not one["replaced"]]
        return sessions[0]["node"].partition(":")[0] if sessions else ""
