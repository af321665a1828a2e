# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the kept CA certificate of the webapps is out of date."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.authority import certificate_stale

PATH = "/etc/wabiz/wabiz/webapp-ca.pem"


def report(inside: str, kept: str = "") -> dict[str, Any]:
    return {"certificate_authority": {"digest": inside, "problem": ""}, "file_digests": {PATH: kept}}


@pytest.mark.parametrize(
    ("inside", "kept", "stale"),
    [("a" * 64, "a" * 64, False), ("b" * 64, "a" * 64, True), ("b" * 64, "", True), ("", "a" * 64, False)],
)
def test_what_is_kept_is_compared_with_what_is_used(inside: str, kept: str, stale: bool) -> None:
    assert certificate_stale(report(inside, kept), PATH) is stale


def test_a_host_that_was_not_asked_or_did_not_answer_says_nothing() -> None:
    for answer in ({}, {"msg": "unreachable"}, {"certificate_authority": None}):
        assert certificate_stale(answer, PATH) is False
