"""With the fences off: a connected coreapp hangs until WhatsApp has found it connected beside its successor."""

import contextlib
import random
import threading
from collections import Counter

from tests.standin.chaos.disturbance import hang, wake
from tests.standin.cluster import Cluster, NotInTime, wait_for

# Silence until it is noticed, a lease's rest, a ping period, in the real client's seconds; and what the machine takes.
PATIENCE, SLACK = 60.0, 45.0
PAUSE = 0.5


class Provocation:
    """Runs in a thread; `over` is set once the number is banned, after which nothing more can happen."""

    def __init__(self, cluster: Cluster, shards: int, numbers: random.Random) -> None:
        self._cluster = cluster
        self._shards = shards
        self._numbers = numbers
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure: Exception | None = None
        self.over = threading.Event()
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends, at the latest when a coreapp has hung for long enough; raises what went wrong in the thread."""
        self._thread.join()
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            self._provoke()
        except Exception as error:
            self._failure = error
        finally:
            self.over.set()

    def _provoke(self) -> None:
        shard = self._numbers.randrange(self._shards)
        owner = wait_for("an owner", lambda: self._owner(shard), SLACK, PAUSE)
        self.done["hang"] += 1
        hang(self._cluster, owner)
        with contextlib.suppress(NotInTime):  # the report then tells that nothing was noticed
            wait_for("the ban", lambda: self._cluster.events("banned"), PATIENCE / self._cluster.scale + SLACK, PAUSE)
        wake(self._cluster, owner)

    def _owner(self, shard: int) -> str:
        sessions = [one for one in self._cluster.sessions() if one["shard"] == shard and not one["replaced"]]
        return sessions[0]["node"].partition(":")[0] if sessions else ""
