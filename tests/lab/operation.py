"""The cluster's lock as a file on the first webapp's host, without any playbook."""

from __future__ import annotations

import json
import shlex
import time

from tests.lab.hosts import CLUSTER, shell

KEEPER = "web1"
LOCK = f"/run/wabiz-{CLUSTER}.lock"


def hold(holder: str, seconds: float, purpose: str = "a test") -> None:
    """Give the lock to a holder, whoever has it; with a negative time it has expired."""
    now = time.time()
    lease = {"holder": holder, "purpose": purpose, "since": now - 60, "until": now + seconds}
    # Replaced in one step, since a run may read it at this moment.
    shell(KEEPER, f"umask 077; echo {shlex.quote(json.dumps(lease))} > {LOCK}.new && mv {LOCK}.new {LOCK}")


def holder() -> str:
    """Return the holder in the lock's file, even if the lock has expired; '' if there is no file."""
    text = shell(KEEPER, f"cat {LOCK} 2> /dev/null || true")
    return str(json.loads(text)["holder"]) if text else ""


def release() -> None:
    """Remove the lock, whoever holds it."""
    shell(KEEPER, f"rm -f {LOCK} {LOCK}.new")
