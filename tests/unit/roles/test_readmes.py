# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a README shows is a whole play: it names what the role requires, and nothing that the role does not read."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.support.paths import ROOT

_spec = importlib.util.spec_from_file_location("readme_plays", ROOT / "tools" / "readme_plays.py")
assert _spec and _spec.loader
readme_plays = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(readme_plays)


def shown(role: str) -> list[dict[str, Any]]:
    """The plays of a README."""
    return [play for block in readme_plays.plays(role) for play in yaml.safe_load(block)]


@pytest.mark.parametrize("role", readme_plays.ROLES)
def test_the_first_play_runs_the_role_with_what_it_requires(role: str) -> None:
    (used,) = shown(role)[0]["roles"]
    assert used["role"] == f"wabiz.onprem.{role}"
    reader = f"alone {role}"
    assert {variable.name for variable in declared().required_by(reader)} <= set(used["vars"])
    assert set(used["vars"]) <= {variable.name for variable in declared().read_by(reader)}


@pytest.mark.parametrize("role", [role for role in readme_plays.ROLES if role not in ("engine", "media")])
def test_the_second_play_removes_what_the_role_has_made(role: str) -> None:
    (task,) = shown(role)[1]["tasks"]
    assert task["ansible.builtin.include_role"] == {"name": f"wabiz.onprem.{role}", "tasks_from": "absent"}
    assert set(task["vars"]) <= {variable.name for variable in declared().read_by(f"absent {role}")}


@pytest.mark.parametrize("role", readme_plays.ROLES)
def test_the_groups_are_a_users_own(role: str) -> None:
    ours = {"database", "webapp", "master", "coreapp", "loadbalancer"}
    assert not {group for play in shown(role) for group in play["hosts"].split(":")} & ours


def test_every_role_that_a_user_may_call_is_shown() -> None:
    public = {path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")}
    assert set(readme_plays.ROLES) == public
