"""A cluster's lock that a playbook under test has, without a run that has taken it."""

from __future__ import annotations

import json
import time
from pathlib import Path


def held(lock: Path, keeper: str) -> dict[str, str]:
    """Write the lock's file as its holder would, and return what the topology says of the lock."""
    now = time.time()
    text = json.dumps({"holder": "me", "purpose": "a test", "since": now, "until": now + 600})
    lock.write_text(text, encoding="utf-8")
    return {"lock": str(lock), "holder": "me", "keeper": keeper}
