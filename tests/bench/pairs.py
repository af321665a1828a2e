"""Two ways to do the same, measured in turn, so that other load of the machine affects both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and of this machine's processors, of one run; module executions where there are any.

    ``executions`` is by host.
    """

    wall: float
    cpu: float
    executions: dict[str, int] | None = None


@dataclass(frozen=True)
class Pairs:
    """Runs of ours and of the loop, each pair one directly after the other."""

    ours: list[Cost]
    loop: list[Cost]

    @property
    def ratio(self) -> float:
        """The median of how many times as long as the loop ours took in each pair."""
        return median(mine.wall / theirs.wall for mine, theirs in zip(self.ours, self.loop, strict=True))

    @property
    def cpu(self) -> float:
        """The median of ours, in seconds."""
        return median(cost.cpu for cost in self.ours)

    def walls(self) -> tuple[float, float]:
        """Return the medians of ours and of the loop, in seconds."""
        return median(cost.wall for cost in self.ours), median(cost.wall for cost in self.loop)

    def executions(self) -> list[int]:
        """Return the module executions of each host in the last run of ours, fewest first."""
        return sorted((self.ours[-1].executions or {}).values())

    def report(self) -> dict[str, Any]:
        """For the JSON file: every run."""
        return asdict(self)


def measure(
    pairs: int, ours: Callable[[], Cost], loop: Callable[[], Cost], before: Callable[[int], object] | None = None
) -> Pairs:
    """Run both in turn; ``before`` prepares the pair of the given number, from 1 on."""
    found = Pairs([], [])
    for number in range(1, pairs + 1):
        if before:
            before(number)
        found.ours.append(ours())
        found.loop.append(loop())
        mine, theirs = found.ours[-1], found.loop[-1]
        print(f"  pair {number}: ours {mine.wall:.1f} s, loop {theirs.wall:.1f} s", flush=True)
    return found
