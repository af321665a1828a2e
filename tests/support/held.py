"""A cluster's lock as a run that has taken it leaves it on its host."""

from __future__ import annotations

import json
import time
from pathlib import Path

ME = "me"


def held(lock: Path, keeper: str, holder: str = ME, seconds: float = 600) -> dict[str, str]:
    """Write the lock's file, valid for some seconds from now, and return what the topology of run ``ME`` says of it."""
    now = time.time()
    told = {"holder": holder, "purpose": "upgrade.yml", "since": now, "until": now + seconds}
    lock.write_text(json.dumps(told), encoding="utf-8")
    return {"lock": str(lock), "holder": ME, "keeper": keeper}
