# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for jumps between versions."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.version import normalise
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import hops


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("2.29.1", "2.29.3", "wrong owner"),
        ("2.29.2", "2.31.2", "wrong owner"),
        ("2.37.2", "2.41.2", "takes long"),
        ("2.33.3", "2.35.1", "pass_through"),
        ("2.43.1", "2.45.1", "certificate"),
    ],
)
def test_rules_that_hold(source: str, target: str, words: str) -> None:
    assert any(words in rule.text for rule in hops.hops([source], target))


@pytest.mark.parametrize(
    ("source", "target"), [("2.53.3", "2.57.2"), ("2.29.3", "2.31.2"), ("2.29.1", "2.29.2"), ("2.57.2", "2.29.3")]
)
def test_jumps_that_need_nothing(source: str, target: str) -> None:
    assert hops.hops([source], target) == []


def test_a_site_adds_rules() -> None:
    rule = {"effect": "refusal", "text": "not so far", "from_high": "2.54", "to_low": "2.57"}
    assert [found.text for found in hops.hops(["2.53.3"], "2.57.2", [rule])] == ["not so far"]
    assert hops.hops(["2.55.1"], "2.57.2", [rule]) == []


def test_the_limits_of_all_rules_are_versions() -> None:
    for rule in hops.HOPS:
        for text in (rule.from_low, rule.from_high, rule.to_low, rule.to_high):
            assert normalise(text)


@pytest.mark.parametrize(
    ("engine", "target", "by_dbupgrade"),
    [("mysql", "2.23.0", True), ("mysql", "2.21.6", False), ("postgresql", "2.57.2", False)],
)
def test_who_migrates(engine: str, target: str, by_dbupgrade: bool) -> None:
    assert hops.upgraded_by_dbupgrade(engine, target) is by_dbupgrade
