"""What goes on beside a chaos run, in a thread of its own."""

import random
import threading
from abc import ABC, abstractmethod
from collections import Counter

from tests.standin.cluster import Cluster


class Background(ABC):
    """`over` is set when nothing more can be learnt; `done` counts what was done to nodes."""

    def __init__(self, cluster: Cluster, numbers: random.Random) -> None:
        self._cluster = cluster
        self._numbers = numbers
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure: Exception | None = None
        self.over = threading.Event()
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends; raises what went wrong in the thread."""
        self._stop.set()
        self._thread.join()
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:
            self._failure = error
            self.over.set()
        finally:
            self._tidy()

    @abstractmethod
    def _work(self) -> None:
        """What is done until it ends or `_stop` is set."""

    def _tidy(self) -> None:  # noqa: B027 - most leave nothing behind
        """Nothing is left as it should not be, whatever happened."""
