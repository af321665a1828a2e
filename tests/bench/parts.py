"""The parts of `make bench`: each adds its rows and figures to the report and leaves the lab to its caller."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from tests.bench import site, timings, upgrade
from tests.bench.compose import Loop
from tests.bench.figures import Figures
from tests.bench.pairs import Cost, Pairs, measure
from tests.bench.site import Site

_RATE = 20.0  # messages a second during the upgrade
Row = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """Options of the command line."""

    parts: tuple[str, ...]
    pairs: int
    rows: int


@dataclass
class Report:
    """Results; ``figures`` are all single runs, ``runs`` the seconds of the main runs, each once."""

    machine: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    runs: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)


def small(report: Report, options: Options) -> None:
    """Seven node hosts: the main runs, nothing to do, and one container to replace."""
    place = site.small()
    report.runs.update(timings.measure(place))
    loop = Loop(place.hosts)
    with_nothing(report, "7", 1.6, place, loop, options)

    host = place.standby()

    def drift(number: int) -> None:
        place.settle()
        place.drift(host, str(number))
        place.settle()
        loop.drift(host, str(number))

    found = measure(options.pairs, lambda: place.replacement(host), lambda: replaced(loop, host), drift)
    keep(report, "one container to replace, 7 hosts", found)
    report.rows.append(wall("one container to replace, 7 hosts", found, None))

    place.settle()
    loop.remove()
    report.runs["uninstall.yml"] = place.play("uninstall").succeeded().seconds


def large(report: Report, options: Options) -> None:
    """Twenty-four node hosts: nothing to do."""
    place = site.large()
    place.up()
    place.build()
    with_nothing(report, "24", 1.0, place, Loop(place.hosts), options)
    per_host(report)


def upgraded(report: Report, options: Options) -> None:
    """An upgrade of ten containers under load, at the documented pace."""
    before = os.environ.get("STANDIN_TIME_SCALE")
    os.environ["STANDIN_TIME_SCALE"] = "1"
    try:
        found = upgrade.compare(options.rows, _RATE, "mysql")
    finally:
        if before is None:
            del os.environ["STANDIN_TIME_SCALE"]
        else:
            os.environ["STANDIN_TIME_SCALE"] = before
    report.figures["upgrade"] = {name: asdict(figures) for name, figures in found.items()}
    report.rows += upgrade_rows(found["ours"], found["loop"])


def with_nothing(report: Report, count: str, aim: float, place: Site, loop: Loop, options: Options) -> None:
    """Measure runs that find nothing to do; a first run of each warms up and does not count."""
    loop.prepare()
    place.settle()
    place.nothing()
    name = f"nothing to do, {count} hosts"
    found = measure(options.pairs, place.nothing, lambda: idle(loop))
    keep(report, name, found)
    report.rows.append(wall(name, found, aim))
    loop_cpu = median(cost.cpu for cost in found.loop)
    report.rows.append(row(f"{name}: CPU of the controller, s", found.cpu, loop_cpu, found.cpu / loop_cpu))
    executions = found.executions()
    report.rows.append(row(f"{name}: executions on a host, median", median(executions), aim=1))
    report.rows.append(row(f"{name}: executions on a host, most", executions[-1]))


def per_host(report: Report) -> None:
    """Add the controller's CPU for each further host, if both sizes were measured."""
    few, many = (report.figures.get(f"nothing to do, {count} hosts") for count in (7, 24))
    if few and many:
        further = median(cost["cpu"] for cost in many["ours"]) - median(cost["cpu"] for cost in few["ours"])
        report.rows.append(row("CPU of the controller for each further host, s", further / (24 - 7), aim=0.3))


def idle(loop: Loop) -> Cost:
    """Run the loop, which must replace nothing."""
    before = loop.ids()
    cost = loop.run()
    assert loop.ids() == before
    return cost


def replaced(loop: Loop, host: str) -> Cost:
    """Run the loop, which must replace one host's container and no other."""
    before = loop.ids()
    cost = loop.run()
    after = loop.ids()
    assert {name for name, ids in after.items() if ids != before[name]} == {host}
    return cost


def keep(report: Report, name: str, found: Pairs) -> None:
    """Keep every run for the JSON file."""
    report.figures[name] = found.report()


def wall(name: str, found: Pairs, aim: float | None) -> Row:
    """A row with the medians on the clock; the ratio is the median of the pairs', not that of the medians."""
    ours, loop = found.walls()
    return row(f"{name}, s", ours, loop, found.ratio, aim)


def upgrade_rows(ours: Figures, loop: Figures) -> list[Row]:
    """Our time without the schema upgrade, during which the old version runs, against the loop's whole time."""
    without = ours.wall_seconds - ours.schema_seconds
    return [
        row("upgrade, ours without its schema, s", without, loop.wall_seconds, without / loop.wall_seconds, 1.5),
        row("upgrade, schema, s", ours.schema_seconds, loop.schema_seconds),
        row("upgrade, requests failed", ours.requests_failed, loop.requests_failed, aim=0),
        row(
            "upgrade, longest time of a shard without service, s",
            ours.shard_seconds_without_service_max,
            loop.shard_seconds_without_service_max,
            aim=5,
        ),
    ]


def row(what: str, ours: float, loop: float | None = None, ratio: float | None = None, aim: float | None = None) -> Row:
    """A row; the aim is the ratio's where there is one, else that of our figure."""
    values = {"ours": ours, "loop": loop, "ours/loop": ratio, "aim": aim}
    return {"what": what, **{name: None if value is None else round(value, 2) for name, value in values.items()}}
