"""Short runs of `make chaos`: nothing is lost, doubled, banned or connected twice; without fences that is noticed."""

import secrets

import pytest

from tests.standin.chaos.run import Plan, run

pytestmark = [pytest.mark.docker, pytest.mark.drill]


def test_chaos() -> None:
    """Most of a minute of faults under load on one database; the report tells the seed."""
    report = run(Plan("MYSQL", seconds=45, seed=secrets.randbelow(10**9), scale=5.0))
    print(report)
    assert report.good, str(report)
    assert report.figures["accepted"] > 100
    assert sum(report.figures["faults"].values()) > 3


def test_without_fences() -> None:
    """The other database and two shards: the double connection and the ban are in the report, whatever the seed is."""
    report = run(Plan("PGSQL", seconds=60, seed=secrets.randbelow(10**9), scale=8.0, shards=2, fencing=False))
    print(report)
    assert report.bad["double connections"]
    assert report.bad["bans"]
