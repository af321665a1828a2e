# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for jumps between versions, and when images expire."""

from __future__ import annotations

import datetime as dt
from typing import Any

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
    ("engine", "target", "beside"),
    [("mysql", "2.23.0", True), ("mysql", "2.21.6", False), ("postgresql", "2.57.2", False)],
)
def test_who_migrates(engine: str, target: str, beside: bool) -> None:
    assert hops.upgraded_beside(engine, target) is beside


@pytest.mark.parametrize(
    ("version", "label", "created", "date"),
    [
        ("v2.57.2", "2026-12-01", "2026-01-01T00:00:00Z", dt.date(2026, 12, 1)),
        ("v2.57.2", "", "2026-01-01T10:00:00.123456789Z", dt.date(2026, 6, 30)),
        ("v2.58.1", "", "2026-01-01T10:00:00Z", dt.date(2026, 2, 15)),
        ("latest", "", "2026-01-01T10:00:00Z", None),
        ("v2.57.2", "soon", "", None),
        ("v2.57.2", "", "", None),
    ],
)
def test_when_an_image_expires(version: str, label: str, created: str, date: dt.date | None) -> None:
    assert hops.expiry_date(version, label, created) == date


def reports(label: str) -> dict[str, Any]:
    facts = {"registry:5000/coreapp:v2.57.2": {"created": "", "expires_on": label}}
    return {"a": {"image_facts": facts}, "b": {"image_facts": facts}, "silent": {"msg": "unreachable"}}


@pytest.mark.parametrize(
    ("label", "refusals", "warnings"),
    [("2026-03-01", 1, 0), ("2026-02-01", 1, 0), ("2026-03-02", 0, 1), ("2026-03-07", 0, 1), ("2026-03-08", 0, 0)],
)
def test_expiry_of_what_is_pulled(label: str, refusals: int, warnings: int) -> None:
    found = hops.expiry(reports(label), "2026-03-01")
    assert (len(found["refusals"]), len(found["warnings"])) == (refusals, warnings)
    assert all(label in text for texts in found.values() for text in texts)


def test_an_expired_image_may_be_wanted() -> None:
    found = hops.expiry(reports("2026-02-01"), "2026-03-01", allow_expired=True)
    assert (found["refusals"], len(found["warnings"])) == ([], 1)
