"""The pure parts of `make bench`: compose files, medians, rows, the schema's time."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from lab.inventory import read
from tests.bench.__main__ import rendered
from tests.bench.compose import compose_file, program
from tests.bench.figures import Figures
from tests.bench.pairs import Cost, Pairs, measure
from tests.bench.parts import Report, per_host, upgrade_rows, wall
from tests.bench.schema import duration
from tests.bench.site import large, small

FOUND: dict[str, Any] = {
    "Config": {"Image": "registry/coreapp:v2.57.2", "Env": ["PATH=/bin", "WA_DB_HOSTNAME=db1", "WA_SECRET=a$b=c"]},
    "HostConfig": {
        "RestartPolicy": {"Name": "unless-stopped"},
        "CapDrop": ["MKNOD"],
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "50m"}},
    },
}


def test_compose_takes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "compose.json"
    file.write_text(compose_file([FOUND, FOUND], "1"), encoding="utf-8")
    command = [str(program()), "--file", str(file), "config", "--format=json"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)["services"]
    assert read["node2"]["environment"] == {
        "LOOP_PATH": "/bin",
        "LOOP_WA_DB_HOSTNAME": "db1",
        "LOOP_WA_SECRET": "a$$b=c",
    }
    assert read["node1"]["environment"] == {**read["node2"]["environment"], "LOOP_DRIFT": "1"}
    assert read["node1"]["image"] == "bench-loop:node1"


def test_what_compose_starts_is_no_client() -> None:
    """Our playbooks refuse hosts with another client: neither its variables nor its image may be there."""
    service = json.loads(compose_file([FOUND]))["services"]["node1"]
    assert not [name for name in service["environment"] if name.startswith("WA_")]
    assert "coreapp" not in service["image"]


def test_the_inventories_have_the_hosts_that_the_loop_visits() -> None:
    for place, count in ((small(), 7), (large(), 24)):
        assert len(set(place.hosts)) == count
        assert {spec.name for spec in read(place.inventory)} == {*place.hosts, "db1"}


def test_the_ratio_is_the_median_of_the_pairs() -> None:
    """The machine was busy during the second pair, which says nothing about either."""
    found = Pairs([Cost(3, 1), Cost(30, 1), Cost(4, 1)], [Cost(2, 1), Cost(20, 1), Cost(2, 1)])
    assert found.ratio == 1.5
    assert wall("none", found, 1.6) == {"what": "none, s", "ours": 4, "loop": 2, "ours/loop": 1.5, "aim": 1.6}


def test_pairs_are_measured_in_turn() -> None:
    order: list[str] = []

    def act(name: str) -> Cost:
        order.append(name)
        return Cost(1, 1)

    measure(2, lambda: act("ours"), lambda: act("loop"), lambda number: order.append(f"before {number}"))
    assert order == ["before 1", "ours", "loop", "before 2", "ours", "loop"]


def test_what_this_machine_computes_for_a_further_host() -> None:
    few, many = (Pairs([Cost(9, cpu)], [Cost(9, 9)]).report() for cpu in (10.0, 27.0))
    report = Report({}, figures={"nothing to do, 7 hosts": few, "nothing to do, 24 hosts": many, "upgrade": {}})
    per_host(report)
    assert [row["ours"] for row in report.rows] == [1.0]
    assert "AIM" in rendered(report)
    assert json.dumps(asdict(report))


def test_our_schema_does_not_count_and_the_loop_s_does() -> None:
    ours = Figures(0, 0, 3.9, 0, 0, 0, 400.0, 150.0)
    loop = Figures(23, 0, 19.8, 0, 0, 0, 200.0, 100.0)
    first, *_ = upgrade_rows(ours, loop)
    assert (first["ours"], first["loop"], first["ours/loop"]) == (250, 200, 1.25)


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        (["1000000000 start wabiz-dbupgrade", "3500000000 die wabiz-dbupgrade"], 2.5),
        (["1000000000 start wabiz-coreapp-1", "2000000000 die wabiz-coreapp-1", "Started bench."], 0),
        (
            ["1 die dbupgrade", "1000000000 start dbupgrade", "2000000000 die dbupgrade", "3000000000 start dbupgrade"],
            1,
        ),
    ],
)
def test_the_schema_s_time(lines: list[str], seconds: float) -> None:
    assert duration(lines) == seconds
