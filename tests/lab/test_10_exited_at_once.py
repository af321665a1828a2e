"""A container that exits right after its start is reported with its exit code and its last log lines."""

from __future__ import annotations

import re

import pytest

from tests.lab.play import play

pytestmark = pytest.mark.drill

# Not a number: the stand-in's node exits at once.
BROKEN = {"wabiz_coreapp_extra_env": {"STANDIN_TIME_SCALE": "nonsense"}, "wabiz_ready_timeout": 20}


def test_its_last_log_lines_are_in_the_message(cluster: None) -> None:
    run = play("site", "--limit=core2", extra_vars=BROKEN).failed()
    said = "\n".join(failure["msg"] for failure in run.failures)
    reason = r"wabiz-coreapp-1 on core2 exits right after its start, with exit code [1-9].*Last log lines: \S"
    assert re.search(reason, said)
    assert "nonsense" in said
    play("site").succeeded()
