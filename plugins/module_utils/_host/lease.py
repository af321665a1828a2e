# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One operation at a time: a lease in a file on one host, renewed by its holder, taken over after its end."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import typing as t
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.private_file import write_private
from ansible_collections.wabiz.onprem.plugins.module_utils._model.lock import held


@dataclass(frozen=True)
class Lease:
    """Who holds a cluster, what for, from when to when (seconds since 1970)."""

    holder: str
    purpose: str
    since: float
    until: float

    def valid(self, now: float) -> bool:
        """Whether it has not ended yet."""
        return now < self.until

    def as_dict(self) -> dict[str, str]:
        """For a module's result; times in UTC."""
        return {**asdict(self), "since": iso(self.since), "until": iso(self.until)}

    def __str__(self) -> str:
        return held(self.as_dict())


def iso(moment: float) -> str:
    """Seconds since 1970 as text, in UTC."""
    return dt.datetime.fromtimestamp(moment, dt.timezone.utc).isoformat(timespec="seconds")


def read(path: Path) -> Lease | None:
    """The lease in a file; None where there is none. Raises OSError, and ValueError for a file of something else."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        found = json.loads(text)
        lease = Lease(str(found["holder"]), str(found["purpose"]), float(found["since"]), float(found["until"]))
        lease.as_dict()  # whether its times are times
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, OSError) as error:
        raise ValueError(f"{path} does not hold a lock of this collection: {error!r}") from error
    return lease


def write(path: Path, lease: Lease) -> None:
    """Replace the file as a whole; only its owner may read it. Raises OSError."""
    write_private(path, json.dumps(asdict(lease), sort_keys=True) + "\n")


@contextmanager
def alone(path: Path) -> t.Iterator[None]:
    """No one else on this host reads or writes the lock meanwhile. Raises OSError.

    The guard is the directory, as the file itself is created and removed.
    """
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@dataclass(frozen=True)
class Decision:
    """What to do: `lease` is what the file is to hold, `blocker` who does not allow it, `former` who is replaced.

    `lost` tells that a lease that was to be renewed is not the holder's any more.
    """

    lease: Lease | None
    blocker: Lease | None = None
    former: str = ""
    lost: bool = False


def acquire(found: Lease | None, wanted: Lease, take_over: bool) -> Decision:
    """Judge a request at the moment `wanted.since`; the same holder renews and keeps its beginning."""
    if found is None:
        return Decision(wanted)
    valid = found.valid(wanted.since)
    if found.holder == wanted.holder and valid:
        return Decision(Lease(wanted.holder, wanted.purpose, found.since, wanted.until))
    if valid and not take_over:
        return Decision(found, blocker=found)
    return Decision(wanted, former="" if found.holder == wanted.holder else found.holder)


def renew(found: Lease | None, wanted: Lease) -> Decision:
    """Judge a renewal: who lost the lease does not get it again, as others may have changed the cluster.

    The purpose stays where no other is given.
    """
    if found is None or found.holder != wanted.holder:
        return Decision(found, lost=True)
    return Decision(Lease(wanted.holder, wanted.purpose or found.purpose, found.since, wanted.until))


def release(found: Lease | None, holder: str, now: float) -> Decision:
    """Judge the release: one's own, and any that has expired, is removed; another's is kept."""
    if found is None or found.holder == holder:
        return Decision(None)
    return Decision(found) if found.valid(now) else Decision(None, former=found.holder)
