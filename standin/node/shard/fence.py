"""What a lease's holder may believe: it ends earlier here than in the database."""

from collections.abc import Callable
from dataclasses import dataclass, field

from standin.common.timing import Clock, boot_clock

MARGIN = 0.1


def never() -> bool:
    """Fences hold unless a fault switches them off."""
    return False


@dataclass
class Fence:
    """One lease as its holder sees it; ttl in seconds.

    The deadline counts from before the renewal was sent, less a margin, so that it always falls before the
    database's. It uses a clock that runs on while the process is frozen.
    """

    ttl: float
    clock: Clock = boot_clock
    off: Callable[[], bool] = never
    _deadline: float = field(default=float("-inf"), init=False)

    def renewed(self, sent_at: float) -> None:
        """A renewal sent at this time succeeded."""
        self._deadline = max(self._deadline, sent_at + self.ttl * (1 - MARGIN))

    def limit(self, ttl: float) -> None:
        """From the next renewal on the lease lasts ttl; a shorter one counts from now, as its answer may be lost."""
        if ttl < self.ttl:
            self._deadline = min(self._deadline, self.clock() + ttl * (1 - MARGIN))
        self.ttl = ttl

    def lost(self) -> None:
        """The lease went to another."""
        self._deadline = float("-inf")

    @property
    def remaining(self) -> float:
        """Seconds that the holder may still act, 0 when it may not."""
        return max(0.0, self._deadline - self.clock())

    @property
    def held(self) -> bool:
        """The holder may act now; a holder whose fence is off acts on after its time."""
        return self.clock() < self._deadline or (self._deadline > float("-inf") and self.off())
