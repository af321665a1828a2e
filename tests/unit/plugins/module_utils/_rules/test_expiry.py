# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When images expire."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expiry import expiry, expiry_date
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import judgement


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
    assert expiry_date(version, label, created) == date


def reports(label: str) -> dict[str, Any]:
    facts = {"registry:5000/coreapp:v2.57.2": {"created": "", "expires_on": label}}
    return {"a": {"image_facts": facts}, "b": {"image_facts": facts}, "silent": {"msg": "unreachable"}}


@pytest.mark.parametrize(
    ("label", "refusals", "warnings"),
    [("2026-03-01", 1, 0), ("2026-02-01", 1, 0), ("2026-03-02", 0, 1), ("2026-03-07", 0, 1), ("2026-03-08", 0, 0)],
)
def test_expiry_of_what_is_pulled(label: str, refusals: int, warnings: int) -> None:
    found = judgement(expiry(reports(label), "2026-03-01"))
    assert (len(found["refusals"]), len(found["warnings"])) == (refusals, warnings)
    assert all(label in text for texts in found.values() for text in texts)


def test_an_expired_image_may_be_wanted() -> None:
    found = judgement(expiry(reports("2026-02-01"), "2026-03-01", allow_expired=True))
    assert (found["refusals"], len(found["warnings"])) == ([], 1)


def test_the_age_of_a_database_says_nothing() -> None:
    facts = {"mysql:8.0": {"created": "2020-01-01T00:00:00Z", "expires_on": ""}}
    assert expiry({"db1": {"image_facts": facts}}, "2026-03-01") == []
