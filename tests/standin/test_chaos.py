"""A short run of `make chaos`: nothing is lost, doubled, banned or connected twice."""

import secrets

import pytest

from tests.standin.chaos.run import Plan, run

pytestmark = pytest.mark.docker


def test_chaos() -> None:
    """A minute of faults under load on one database; the report tells the seed."""
    report = run(Plan("MYSQL", seconds=60, seed=secrets.randbelow(10**9), scale=5.0))
    print(report)
    assert report.good, str(report)
    assert report.figures["accepted"] > 100
    assert sum(report.figures["faults"].values()) > 3
