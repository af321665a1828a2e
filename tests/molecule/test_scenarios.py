"""Every Molecule scenario succeeds on the hosts of the lab tests, and removes its cluster afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.gate import passes
from tests.support.paths import ROOT

SCENARIOS = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
LONG = {"multiconnect", "postgresql"}


@pytest.mark.parametrize(
    "scenario", [pytest.param(name, marks=[pytest.mark.drill] if name in LONG else []) for name in SCENARIOS]
)
def test_scenario(scenario: str, lab: Path) -> None:
    passes("molecule", "test", "--scenario-name", scenario, environment={"WABIZ_KEEP_LAB": "1"}, timeout=1500)
