"""The cluster's lock as a file on the first webapp's host, past all playbooks."""

from __future__ import annotations

import json
import shlex
import time

from tests.lab.hosts import CLUSTER, shell

KEEPER = "web1"
LOCK = f"/run/wabiz-{CLUSTER}.lock"


def hold(holder: str, seconds: float, purpose: str = "a test") -> None:
    """Let somebody hold the lock from now on, whoever has it; for a negative time it ended in the past."""
    now = time.time()
    lease = {"holder": holder, "purpose": purpose, "since": now - 60, "until": now + seconds}
    # As a whole, since a run may read it at this moment.
    shell(KEEPER, f"umask 077; echo {shlex.quote(json.dumps(lease))} > {LOCK}.new && mv {LOCK}.new {LOCK}")


def holder() -> str:
    """Return who is in the lock's file, whether the time is over or not; '' where there is none."""
    text = shell(KEEPER, f"cat {LOCK} 2> /dev/null || true")
    return str(json.loads(text)["holder"]) if text else ""


def give_up() -> None:
    """Remove the lock, whoever holds it."""
    shell(KEEPER, f"rm -f {LOCK} {LOCK}.new")
