"""`make bench`: compares the cost of our runs with the vendor's loop over the same hosts.

Writes build/bench.json after each part, with every single figure. The machine is noisy: compare ratios, not seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table

from lab.cli import main as lab_cli
from tests.bench import parts
from tests.bench.parts import Options, Report
from tests.support.paths import BUILD

REPORT = BUILD / "bench.json"
COLUMNS = ("what", "ours", "loop", "ours/loop", "aim")
RUNS = ("run", "seconds", "of the first start")
PARTS: dict[str, Callable[[Report, Options], None]] = {
    "small": parts.small,
    "large": parts.large,
    "upgrade": parts.upgraded,
}


def options() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=PARTS,
        default=list(PARTS),
        help="small: 7 node hosts, nothing to do and one container to replace\nlarge: 24 node hosts, nothing to do\n"
        "upgrade: as `make bench-upgrade`\ndefault: all",
    )
    parser.add_argument("--pairs", type=int, default=3, help="pairs of runs of which the median counts (default 3)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="in the table messages before the upgrade")
    given = parser.parse_args()
    return Options(tuple(given.parts), given.pairs, given.rows)


def rendered(report: Report) -> str:
    """Return the tables."""
    first = report.runs.get("site.yml, first start")
    runs: list[dict[str, Any]] = [
        {"run": run, "seconds": round(took, 1), "of the first start": round(took / (first or took), 2)}
        for run, took in report.runs.items()
    ]
    tables = [table.render(COLUMNS, report.rows), *([table.render(RUNS, runs)] if runs else [])]
    return "\n\n".join("\n".join(lines) for lines in tables)


def main() -> int:
    """Measure part by part, each on a lab of its own, and print the tables."""
    given = options()
    report = Report({"processors": os.cpu_count(), "time_scale": os.environ.get("STANDIN_TIME_SCALE", "4")})
    BUILD.mkdir(exist_ok=True)
    for name, measure in PARTS.items():
        if name not in given.parts:
            continue
        print(f"part {name}", flush=True)
        assert lab_cli(["down"]) == 0
        try:
            measure(report, given)
        finally:
            lab_cli(["down"])
            REPORT.write_text(json.dumps(asdict(report), indent=1) + "\n", encoding="utf-8")
    print(rendered(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
