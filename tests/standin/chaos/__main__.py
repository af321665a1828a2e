"""`make chaos`: faults at random under load, on one database or on both, with a report of what was lost or doubled."""

import argparse
import secrets
import sys

from tests.standin.chaos.run import Plan, run

ENGINES = {"mysql": ["MYSQL"], "postgresql": ["PGSQL"], "both": ["MYSQL", "PGSQL"]}


def main() -> int:
    """0 when nothing was lost, doubled, banned or connected twice on any database."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--database", choices=ENGINES, default="both")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second")
    parser.add_argument("--scale", type=float, default=4.0, help="the stand-in's time scale")
    parser.add_argument("--shards", type=int, default=1, choices=[1, 2, 4, 8])
    parser.add_argument("--seed", type=int, default=None, help="of the random faults; repeats their order")
    parser.add_argument("--fencing-off", action="store_true", help="must then report double connections")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else secrets.randbelow(10**9)
    good = True
    for engine in ENGINES[options.database]:
        plan = Plan(
            engine,
            60 * options.minutes,
            seed,
            options.rate,
            options.scale,
            options.shards,
            fencing=not options.fencing_off,
        )
        print(f"chaos: {engine}, {options.minutes:g} min, seed {seed}", flush=True)
        report = run(plan)
        print(report, flush=True)
        good = good and report.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
