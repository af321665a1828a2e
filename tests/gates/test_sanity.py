"""ansible-test sanity passes on the oldest and the newest supported ansible-core, without an ignore file."""

from __future__ import annotations

import pytest

from tests.gates.conftest import CORES
from tests.support.background import BackgroundCommand
from tests.support.gate import judge


@pytest.mark.parametrize("core", CORES)
def test_sanity(core: str, sanity_runs: dict[str, BackgroundCommand]) -> None:
    if core not in sanity_runs:
        pytest.skip(f"no environment for the {core} ansible-core: it needs a newer Python than this machine has")
    status, output = sanity_runs[core].wait(timeout=1200)
    findings = [line for line in output.splitlines() if line.startswith(("ERROR:", "FATAL:"))]
    judge([f"ansible-test sanity ({core})"], status, "\n".join(findings or [output]))
    assert 'Running sanity test "validate-modules"' in output
