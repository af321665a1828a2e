"""The cost of an upgrade under load in a few figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from tests.bench.cluster import BALANCER, HOSTS, NEW, SHARDS, complete, versions
from tests.bench.schema import SchemaWatch
from tests.lab import gateway
from tests.lab.load import Load
from tests.lab.service import unserved
from tests.lab.traffic import judge
from tests.support.waiting import wait_for

_WARM = 10.0  # seconds of load before the upgrade begins
_SETTLING = 900.0  # seconds until the cluster is complete again at most
# Number of failed requests whose time and reason are printed.
_SHOWN = 20


@dataclass(frozen=True)
class Figures:
    """Seconds to a tenth; the other figures are counts. ``wall_seconds`` ends when every node answers again.

    ``schema_seconds`` is the part of it in which dbupgrade ran.
    """

    requests_failed: int
    requests_retried: int
    shard_seconds_without_service_max: float
    messages_lost: int
    messages_duplicated: int
    bans: int
    wall_seconds: float
    schema_seconds: float = 0.0


def measure(upgrade: Callable[[], object], rate: float) -> Figures:
    """Upgrade under ``rate`` messages per second; AssertionError if it does not end with a complete, new cluster."""
    watch = SchemaWatch(host for hosts in HOSTS.values() for host in hosts)
    with watch, Load(BALANCER, rate) as load:
        wait_for("load", lambda: len(load.accepted) >= _WARM * rate, 10 * _WARM)
        began, start = datetime.now(UTC), time.monotonic()
        upgrade()
        wait_for("a complete cluster", complete, _SETTLING, pause=1)
        wall = time.monotonic() - start
    messages = judge(load)
    assert versions() == {NEW}
    for failure in load.failures[:_SHOWN]:
        print(f"  failed {failure}", flush=True)
    print(f"  {len(load.accepted)} accepted, refused: {dict(load.refused)}", flush=True)
    events = gateway.events()
    return Figures(
        requests_failed=load.refused.total(),
        requests_retried=load.retried,
        shard_seconds_without_service_max=max(unserved(events, began, SHARDS).values()),
        messages_lost=len(messages["lost"]),
        messages_duplicated=len(messages["duplicated"]),
        bans=sum(datetime.fromisoformat(event["time"]) > began for event in gateway.events("banned")),
        wall_seconds=round(wall, 1),
        schema_seconds=round(watch.seconds, 1),
    )


def rows(ours: Figures, loop: Figures) -> list[dict[str, Any]]:
    """Return a table's rows: each figure of both, and the loop's as a multiple of ours where ours is not zero."""
    mine, theirs = asdict(ours), asdict(loop)
    return [
        {
            "figure": name.replace("_", " "),
            "ours": value,
            "loop": theirs[name],
            "loop/ours": round(theirs[name] / value, 2) if value else "-",
        }
        for name, value in mine.items()
    ]
