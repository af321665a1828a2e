"""`make bench-upgrade`: the same upgrade by the vendor's shell loop and by ours, on one lab, under the same load.

Writes build/bench-upgrade.json, and our run's output to build/bench-upgrade.log. The lab is removed afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict

from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table

from lab.cli import main as lab_cli
from tests.bench import loop
from tests.bench.cluster import NEW, SHARDS, Cluster, inventory
from tests.bench.figures import Figures, measure, rows
from tests.support.paths import BUILD

REPORT = BUILD / "bench-upgrade.json"
LOG = BUILD / "bench-upgrade.log"
COLUMNS = ("figure", "ours", "loop", "loop/ours")


def by_loop(cluster: Cluster, rate: float) -> Figures:
    """The vendor's shell loop."""
    steps = loop.steps(cluster.database)
    return measure(lambda: loop.run(steps), rate)


def by_ours(cluster: Cluster, rate: float) -> Figures:
    """Playbook upgrade.yml; its output is saved."""

    def upgrade() -> None:
        LOG.write_text(cluster.play("upgrade", NEW, wabiz_shards=SHARDS).stdout, encoding="utf-8")

    return measure(upgrade, rate)


def compare(rows_before: int, rate: float, database: str) -> dict[str, Figures]:
    """Upgrade a cluster both ways, `loop` and `ours`, under ``rate`` messages per second; then remove the lab.

    ``rows_before``: number of rows in the table messages.
    """
    assert lab_cli(["down"]) == 0
    found: dict[str, Figures] = {}
    try:
        cluster = Cluster(inventory(), database)
        assert lab_cli(["up", "--inventory", str(cluster.inventory)]) == 0
        for name, way in (("loop", by_loop), ("ours", by_ours)):
            print(f"{name}: a cluster of the old version", flush=True)
            cluster.build(rows_before)
            print(f"{name}: upgrade", flush=True)
            found[name] = way(cluster, rate)
            print(f"{name}: {found[name]}", flush=True)
            cluster.remove()
    finally:
        lab_cli(["down"])
    return found


def main() -> int:
    """Print the table and write the report."""
    parser = argparse.ArgumentParser(prog="bench-upgrade", description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000, help="in the table messages")
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second")
    parser.add_argument("--database", choices=["mysql", "postgresql"], default="mysql")
    options = parser.parse_args()
    os.environ.setdefault("STANDIN_TIME_SCALE", "1")
    found = compare(options.rows, options.rate, options.database)
    BUILD.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps({name: asdict(found[name]) for name in ("ours", "loop")}, indent=1) + "\n", "utf-8")
    print("\n".join(table.render(COLUMNS, rows(found["ours"], found["loop"]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
