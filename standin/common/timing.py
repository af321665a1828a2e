"""Clocks and intervals: the time scale divides every interval of the client."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]


def boot_clock() -> float:
    """Seconds since boot; goes on while the process is frozen, so a lease cannot outlive a pause."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True)
class Scale:
    """Divides intervals given in the real client's seconds.

    Raises ValueError when the factor is not positive.
    """

    factor: float = 1.0

    def __post_init__(self) -> None:
        if not self.factor > 0:
            raise ValueError(f"STANDIN_TIME_SCALE must be positive, not {self.factor}")

    def seconds(self, real: float) -> float:
        """Real-client seconds to seconds here."""
        return real / self.factor

    @classmethod
    def from_env(cls) -> "Scale":
        """The scale of STANDIN_TIME_SCALE, 1 when unset."""
        return cls(float(os.environ.get("STANDIN_TIME_SCALE") or 1))
