"""What the fake of WhatsApp saw: one JSON object a line on stdout, and kept for questions."""

import json
import sys
from collections import deque
from datetime import UTC, datetime
from typing import Any

KEEP = 20000


class Events:
    """The journal; times are UTC with microseconds."""

    def __init__(self) -> None:
        self.kept: deque[dict[str, Any]] = deque(maxlen=KEEP)

    def add(self, event: str, **facts: Any) -> None:
        """Notes one event."""
        entry = {"time": datetime.now(UTC).isoformat(), "event": event} | facts
        self.kept.append(entry)
        sys.stdout.write(json.dumps(entry) + "\n")
        sys.stdout.flush()
