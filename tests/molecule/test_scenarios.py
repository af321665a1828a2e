"""Every Molecule scenario succeeds on the hosts of the lab tests, and removes its cluster afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.gate import passes
from tests.support.paths import BUILD, ROOT

SCENARIOS = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
LONG = {"default", "external_database", "media", "multiconnect", "postgresql", "roles_changes", "two_clusters"}
# Seconds until a scenario counts as hanging. This one has two clusters, each deployed, registered and upgraded.
LIMIT, LIMITS = 1800, {"two_clusters": 3600}
# What a scenario is run with, one after the other; the others run once and without more.
VARIANTS: dict[str, list[dict[str, str]]] = {
    "external_database": [
        {"EXTERNAL_ENGINE": "postgresql"},
        {"EXTERNAL_ENGINE": "mysql", "EXTERNAL_IMAGE": "registry.lab.test:5000/mysql:9.7"},
    ]
}
# What a scenario's own verification reads back.
PROVEN = {
    "default": ["wabiz_webapp_instances", "wabiz_master_instances", "wabiz_coreapp_instances"],
    "media": [
        *("wabiz_media_mount_point", "wabiz_media_set_mode", "wabiz_media_shared"),
        *("wabiz_media_volume_driver", "wabiz_media_volume_options"),
    ],
}


def marks(name: str) -> list[pytest.MarkDecorator]:
    """Return the marks of a scenario."""
    return [pytest.mark.proves(*PROVEN.get(name, [])), *([pytest.mark.drill] if name in LONG else [])]


RUNS = [
    pytest.param(name, more, marks=marks(name), id="-".join([name, *list(more.values())[:1]]))
    for name in SCENARIOS
    for more in VARIANTS.get(name, [{}])
]


@pytest.mark.parametrize(("scenario", "more"), RUNS)
def test_scenario(scenario: str, more: dict[str, str], lab: Path) -> None:
    given = {"WABIZ_KEEP_LAB": "1", **more}
    command = ["molecule", "test", "--scenario-name", scenario]
    log = BUILD / "molecule" / f"{scenario}.log"
    passes(*command, environment=given, timeout=LIMITS.get(scenario, LIMIT), log=log)
