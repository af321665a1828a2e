"""What the lab's stand-in for WhatsApp's servers has recorded."""

from __future__ import annotations

import json
from typing import Any

from tests.lab.hosts import on

Event = dict[str, Any]


def events(kind: str = "") -> list[Event]:
    """Return all events since the gateway's start, oldest first, or those of one kind."""
    everything: list[Event] = json.loads(on("gateway", "standinctl", "events", "--json"))
    return [event for event in everything if kind in ("", event["event"])]


def punishable() -> list[Event]:
    """Return what the real servers would punish: bans, and sessions that still answered after their replacement."""
    return events("banned") + events("double_connection")
