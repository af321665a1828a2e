# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version rules."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._model import version
from hypothesis import given
from hypothesis import strategies as st

from tests.support.paths import ROOT

NUMBER = st.integers(0, 10**6)
PARTS = st.tuples(NUMBER, NUMBER, NUMBER)


@given(PARTS, st.sampled_from(["", "v"]))
def test_the_leading_v_does_not_matter(parts: tuple[int, int, int], prefix: str) -> None:
    text = prefix + ".".join(map(str, parts))
    assert version.parse(text) == parts
    assert version.normalise(text) == ".".join(map(str, parts))


@given(PARTS, PARTS)
def test_at_least_is_the_order_of_numbers_not_of_text(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    assert version.at_least(".".join(map(str, one)), ".".join(map(str, other))) == (one >= other)


@given(st.text())
def test_anything_else_is_refused(text: str) -> None:
    try:
        parts = version.parse(text)
    except ValueError as error:
        assert "is not a client version" in str(error)
    else:
        assert version.parse(".".join(map(str, parts))) == parts


@pytest.mark.parametrize("text", ["", "v", "2", "2.", "2.57.", "2.57.2.1", "V2.57.2", "latest", "2.57.2-rc1", "2.x.1"])
def test_examples_of_anything_else(text: str) -> None:
    with pytest.raises(ValueError, match="not a client version"):
        version.parse(text)


@pytest.mark.parametrize(
    ("rule", "last_without", "first_with"),
    [
        (version.shards_certificate_required, "2.43.9", "v2.45.1"),
        (version.shards_certificate_accepted, "2.39.0", "2.39.1"),
        (version.pass_through_removable_only, "2.33.4", "2.35"),
        (version.message_events_supported, "2.41.1", "2.41.2"),
        (version.is_beta, "2.57.2", "2.58.0"),
    ],
)
def test_rules_begin_where_the_reference_says(rule: object, last_without: str, first_with: str) -> None:
    assert callable(rule)
    assert not rule(last_without)
    assert rule(first_with)


def test_the_user_agent_names_the_version_of_the_collection() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    assert galaxy["version"] == version.COLLECTION_VERSION
