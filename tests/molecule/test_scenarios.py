"""Every Molecule scenario succeeds on the hosts of the lab tests, and removes its cluster afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.gate import passes
from tests.support.paths import ROOT

SCENARIOS = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
LONG = {"default", "external_database", "multiconnect", "postgresql"}
# What a scenario's own verification reads back.
PROVEN = {"default": ["wabiz_webapp_instances", "wabiz_master_instances", "wabiz_coreapp_instances"]}


def marks(name: str) -> list[pytest.MarkDecorator]:
    """Return the marks of a scenario."""
    return [pytest.mark.proves(*PROVEN.get(name, [])), *([pytest.mark.drill] if name in LONG else [])]


@pytest.mark.parametrize("scenario", [pytest.param(name, marks=marks(name)) for name in SCENARIOS])
def test_scenario(scenario: str, lab: Path) -> None:
    passes("molecule", "test", "--scenario-name", scenario, environment={"WABIZ_KEEP_LAB": "1"}, timeout=1500)
