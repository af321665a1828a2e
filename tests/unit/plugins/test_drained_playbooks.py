# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook that replaces webapps first restores those that a killed run has left drained."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jinja2 import Environment

from tests.support.paths import ROOT

PLAYBOOKS = ROOT / "playbooks"
WEBAPP = "webapp"


def parts(playbook: str) -> list[tuple[str, dict[str, Any]]]:
    """What a playbook imports, in order, each with its variables."""
    plays = yaml.safe_load((PLAYBOOKS / f"{playbook}.yml").read_text(encoding="utf-8"))
    return [
        (play["ansible.builtin.import_playbook"], play.get("vars", {}))
        for play in plays
        if "ansible.builtin.import_playbook" in play
    ]


def drains(part: str, given: dict[str, Any]) -> bool:
    return part in ("internal/rolling.yml", "internal/secrets_restart.yml") and given["_wabiz_service"] == WEBAPP


ROLLING = [path.stem for path in sorted(PLAYBOOKS.glob("*.yml")) if any(drains(*part) for part in parts(path.stem))]


def test_these_playbooks_replace_webapps() -> None:
    assert ROLLING == ["rotate_database_password", "rotate_secrets", "site", "upgrade"]


@pytest.mark.parametrize("playbook", [*ROLLING, "multiconnect"])
def test_drained_webapps_are_restored_first(playbook: str) -> None:
    found = parts(playbook)
    restored = [name for name, _given in found].index("internal/drained.yml")
    assert not any(drains(*part) for part in found[:restored])


@pytest.mark.parametrize("playbook", ROLLING)
def test_only_a_repair_drains_the_last_webapp_in_service(playbook: str) -> None:
    tasks = yaml.safe_load((PLAYBOOKS / "internal/tasks/replace_next.yml").read_text(encoding="utf-8"))
    (spare,) = [
        task["vars"]["_rolling_spare_needed"] for task in tasks if "_rolling_spare_needed" in task.get("vars", {})
    ]
    needed = Environment(autoescape=True).from_string(spare).render(_wabiz_topology={"playbook": playbook})
    assert needed == str(playbook != "site")
