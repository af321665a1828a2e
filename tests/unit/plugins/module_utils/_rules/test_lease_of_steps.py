# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock outlasts whatever a step waits for by the settings."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.lease import MARGIN, STEPS, lease, waits

from tests.support.paths import ROOT
from tests.support.tracked import tracked

LONG = 86400
TOPOLOGY = {
    "groups": {"loadbalancer": ["lb1", "lb2"]},
    "nodes": [{"host": host, "service": "coreapp"} for host in ("one", "one", "one", "two")],
}


@pytest.mark.parametrize(
    ("step", "setting", "times"),
    [
        ("replace", "verify_timeout", 2),
        ("replace", "ready_timeout", 2),
        # Two balancers, once to drain it and once to restore it.
        ("replace", "drain_timeout", 4),
        ("turn", "database_ready_timeout", 1),
        ("prepare", "database_ready_timeout", 1),
        # Three containers on one host, until the port is open and until it serves.
        ("start", "ready_timeout", 6),
        ("shards", "shards_timeout", 1),
        ("shards", "verify_timeout", 1),
        ("drill", "drill_limit", 1),
        ("drill", "verify_timeout", 1),
        ("verify", "verify_timeout", 1),
        ("undo", "ready_timeout", 2),
        ("restore_drained", "drain_timeout", 6),
        ("schema", "dbupgrade_timeout", 1),
        ("collect", "message_gc_timeout", 1),
        ("dump", "database_backup_timeout", 2),
        ("backup", "verify_timeout", 2),
    ],
)
def test_a_step_is_covered(step: str, setting: str, times: int) -> None:
    assert lease(step, {setting: LONG}, TOPOLOGY) >= MARGIN + times * LONG


def test_a_migrating_master_is_waited_for() -> None:
    assert lease("replace", {"verify_timeout": 180}, TOPOLOGY, gate=20000) >= MARGIN + 2 * 20000
    assert lease("replace", {"verify_timeout": 180}, TOPOLOGY, gate=0) == MARGIN + 2 * 180


def test_a_step_that_waits_for_nothing_has_the_margin() -> None:
    assert lease("act", {"verify_timeout": LONG}, TOPOLOGY) == MARGIN
    assert lease("replace", {}, {}) == MARGIN


def test_every_setting_exists() -> None:
    variables = yaml.safe_load((ROOT / "meta" / "variables.yml").read_text(encoding="utf-8"))["variables"]
    text = (ROOT / "plugins/module_utils/_rules/lease.py").read_text(encoding="utf-8")
    used = re.findall(r'settings\.get\("(\w+)"', text)
    assert used
    assert [name for name in used if f"wabiz_{name}" not in variables] == []


def test_every_wait_is_one_of_a_step() -> None:
    assert {name for names in STEPS.values() for name in names} == set(waits({}, {}))


def test_steps_of_the_playbooks_are_known() -> None:
    pattern = r"_wabiz_lease_for: (\w+)|wabiz\.onprem\.lease\(_wabiz_topology, '(\w+)'"
    used = {"".join(found) for _name, text in tracked("playbooks roles") for found in re.findall(pattern, text)}
    assert used
    assert used | {"act"} == set(STEPS)
