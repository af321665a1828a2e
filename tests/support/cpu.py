"""CPU time of the programs that this process has started."""

from __future__ import annotations

import resource


def children_cpu() -> float:
    """Return the CPU seconds, user and system, of all children that have ended and of those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
