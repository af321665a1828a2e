"""`make bench`: how long the main runs take on a fresh lab, and each as a share of the first start.

Writes build/bench.json. Figures of one run on one machine: compare ratios, not seconds.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils import table

from lab.cli import main as lab_cli
from tests.lab import client
from tests.lab.hosts import on
from tests.lab.play import play
from tests.support.paths import BUILD
from tests.support.waiting import wait_for

REPORT = BUILD / "bench.json"
COLUMNS = ("run", "seconds", "of the first start")


def lab_up() -> float:
    """Return the seconds until fresh lab hosts are up; images are cached."""
    began = time.monotonic()
    assert lab_cli(["up"]) == 0
    return time.monotonic() - began


def failover() -> float:
    """Kill the connected coreapp and return the seconds until the API shows another; NotInTime after two minutes."""
    (owner,) = client.connected()
    began = time.monotonic()
    on(owner, "docker", "kill", "wabiz-coreapp-1")
    wait_for("a successor", lambda: client.connected() not in ([], [owner]), 120, pause=0.1)
    return time.monotonic() - began


def measure() -> dict[str, float]:
    """Return seconds by name of the run, in the order in which they happened."""
    return {
        "lab up": lab_up(),
        "site.yml, first start": play("site").succeeded().seconds,
        "site.yml --check, nothing to do": play("site", "--check").succeeded().seconds,
        "site.yml, nothing to do": play("site").succeeded().seconds,
        "register.yml": play("register").succeeded().seconds,
        "status.yml": play("status").succeeded().seconds,
        "failover after docker kill": failover(),
        "site.yml, one container to start": play("site").succeeded().seconds,
        "uninstall.yml": play("uninstall").succeeded().seconds,
    }


def main() -> int:
    """Print the table and write the report; the lab is gone afterwards."""
    assert lab_cli(["down"]) == 0
    try:
        seconds = measure()
    finally:
        lab_cli(["down"])
    first = seconds["site.yml, first start"]
    rows: list[dict[str, Any]] = [
        {"run": run, "seconds": round(took, 1), "of the first start": round(took / first, 2)}
        for run, took in seconds.items()
    ]
    scale = float(os.environ.get("STANDIN_TIME_SCALE", "4"))
    BUILD.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps({"time_scale": scale, "runs": rows}, indent=1) + "\n", encoding="utf-8")
    print("\n".join(table.render(COLUMNS, rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
