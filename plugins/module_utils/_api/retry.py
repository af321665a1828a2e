# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which answers may be asked for again, which say for certain that nothing was done, and after which pause.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

# Not ready, too many requests, overloaded, not primary master, not primary coreapp.
TOO_MANY_REQUESTS = 1015
CLUSTER_CODES = frozenset({1011, TOO_MANY_REQUESTS, 1016, 1017, 1018})

# Codes that turn down the request itself, before any work; 1000, 1014 and 1023 may come from the middle of it.
REQUEST_CODES = frozenset({1004, 1005, 1006, 1008, 1009, 1010, 1013, 1021, 1022, 1024, 1025, 1031})

# The codes of all errors in one answer, in any order; None for one without a code.
Codes = Collection["int | None"]


def _only(codes: Codes, known: frozenset[int]) -> bool:
    return bool(codes) and all(code in known for code in codes)


def retryable(status: int, codes: Codes) -> bool:
    """Tell whether an answer with this HTTP status and these error codes may be asked for again."""
    return concerns_cluster(status, codes) or 500 <= status <= 599


def concerns_cluster(status: int, codes: Codes) -> bool:
    """Tell whether another webapp would give the same answer, so that only waiting helps."""
    return _only(codes, CLUSTER_CODES) or status == 429


def refused(status: int, codes: Codes) -> bool:
    """Tell whether an error says for certain that the request was not carried out; each of its codes must say so.

    Any other error may come from a balancer that gave up waiting while the client continued (502, 503, 504), or from a
    client that failed in the middle of the work (500). Under HTTP 2xx the codes alone tell.
    """
    if _only(codes, CLUSTER_CODES) or 300 <= status <= 499:
        return True
    return 200 <= status <= 299 and _only(codes, CLUSTER_CODES | REQUEST_CODES)


def throttled(status: int, codes: Codes) -> bool:
    """Tell whether an error means too many requests, so that each further one may extend the waiting time."""
    return TOO_MANY_REQUESTS in codes or status == 429


@dataclass(frozen=True)
class RetryPolicy:
    """How often, and after how many seconds, a call is repeated."""

    retries: int = 4
    delay: float = 1.0
    maximum: float = 20.0

    def pause(self, attempt: int, chance: float) -> float:
        """Return the pause in seconds before repetition C(attempt) (from 1).

        It doubles each time up to C(maximum); C(chance) in [0, 1) spreads it over its upper half, so that several
        modules do not come back at the same moment.
        """
        full = min(self.maximum, self.delay * 2.0 ** min(attempt - 1, 30))
        return full * (0.5 + chance / 2)
