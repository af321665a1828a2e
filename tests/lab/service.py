"""How long each shard was without service, according to the gateway's events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tests.lab.gateway import Event

_ENDS = ("disconnected", "replaced", "reconnected")


def unserved(events: Iterable[Event], since: datetime, shards: int) -> dict[int, float]:
    """Return the seconds without a connection since a moment, for each of the shards that exist at the end.

    A new shard is without service from the first lost connection on, since its recipients were served before. A shard
    that is still without service counts up to the last event.
    """
    open_sessions: dict[int, int] = {}
    lost_at: dict[int, datetime] = {}
    total = dict.fromkeys(range(shards), 0.0)
    first_loss: datetime | None = None
    now = since
    for event in events:
        now = datetime.fromisoformat(event["time"])
        kind = event["event"]
        if kind == "connected":
            shard = event["shard"]
            begun = lost_at.pop(shard, first_loss if shard not in open_sessions.values() else None)
            if now > since and begun is not None and shard in total:
                total[shard] += (now - max(begun, since)).total_seconds()
            open_sessions[event["session"]] = shard
        elif kind in _ENDS and event["session"] in open_sessions:
            shard = open_sessions.pop(event["session"])
            if shard not in open_sessions.values():
                lost_at[shard] = now
                first_loss = first_loss or (now if now > since else None)
    for shard in total.keys() & lost_at.keys():
        total[shard] += (now - max(lost_at[shard], since)).total_seconds()
    return {shard: round(seconds, 1) for shard, seconds in total.items()}
