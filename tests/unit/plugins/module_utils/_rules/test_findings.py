# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How findings are told."""

from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement, refusal

FINDINGS = [
    Finding("a", "is wrong.", "Fix it."),
    Finding("b", "is wrong.", "Fix it."),
    Finding("c", "x.", "y.", fatal=False),
]


def test_a_refusal_has_every_fatal_finding_once() -> None:
    assert refusal(FINDINGS) == "1 finding(s); nothing was changed.\n- a, b: is wrong. Fix it."
    assert refusal(FINDINGS[2:]) == ""


def test_a_plan_tells_of_both_kinds() -> None:
    assert judgement(FINDINGS) == {"refusals": ["a, b: is wrong. Fix it."], "warnings": ["c: x. y."]}


def test_place_variable_and_what_overrules_are_told_where_there_are_any() -> None:
    assert str(Finding("", "No webapp answers.")) == "No webapp answers."
    assert str(Finding("", "is 3.", "Choose.", variable="wabiz_shards")) == "variable wabiz_shards: is 3. Choose."
    assert str(Finding("a", "is 3.", variable="wabiz_shards")) == "a, variable wabiz_shards: is 3."
    assert str(Finding("", "Some fail.", "Wait.", forceable=True)) == "Some fail. Wait. force=true overrules this."


def test_a_reason_is_a_part_of_another_sentence() -> None:
    assert f"It stays, since {Finding('', 'no standby waits.').reason}." == "It stays, since no standby waits."
