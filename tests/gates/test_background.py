"""Slow tests, mypy, ansible-lint, Galaxy's importer, ansible-test sanity on the oldest and newest supported core."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.gates.background import STARTS
from tests.support.background import SLOW_TESTS, BackgroundCommand
from tests.support.gate import judge

pytestmark = pytest.mark.background

# Seconds from the start; they run at the lowest priority.
LIMIT = 3600


def findings(output: str) -> str:
    """Return the errors in the output of ansible-test, or all of its output if it has none."""
    return "\n".join(line for line in output.splitlines() if line.startswith(("ERROR:", "FATAL:"))) or output


def imported(output: str) -> bool:
    """The importer finished without errors or warnings."""
    reported = [line for line in output.splitlines() if line.startswith(("ERROR", "WARNING"))]
    return "Importer processing completed successfully" in output and not reported


PROOF: dict[str, Callable[[str], bool]] = {
    SLOW_TESTS: lambda output: " passed" in output,
    "mypy": lambda output: "Success: no issues found" in output,
    "ansible-lint": lambda output: "Passed: 0 failure(s), 0 warning(s)" in output,
    "galaxy-importer": imported,
    "sanity-oldest": lambda output: 'Running sanity test "validate-modules"' in output,
    "sanity-newest": lambda output: 'Running sanity test "validate-modules"' in output,
}


@pytest.mark.parametrize("name", STARTS)
def test_gate(name: str, background: dict[str, BackgroundCommand | None]) -> None:
    run = background[name]
    if run is None:
        pytest.skip(f"no environment for {name}: it needs a newer Python than this machine has")
    status, output = run.wait(LIMIT)
    judge([name], status, findings(output))
    assert PROOF[name](output), output[-8000:]
