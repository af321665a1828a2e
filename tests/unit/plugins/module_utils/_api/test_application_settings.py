# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing settings."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._api import application_settings as settings
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import flatten
from hypothesis import given
from hypothesis import strategies as st

KEY = st.text("abc_", min_size=1, max_size=4)
LEAF = st.booleans() | st.integers(-5, 5) | st.text("xyz", max_size=3) | st.lists(st.sampled_from("ab"), max_size=2)
TREE = st.recursive(
    st.dictionaries(KEY, LEAF, max_size=3), lambda inner: st.dictionaries(KEY, LEAF | inner, max_size=3)
)


@given(TREE)
def test_nothing_differs_from_itself(tree: dict[str, Any]) -> None:
    assert settings.changes(tree, tree) == []


@given(TREE, TREE)
def test_sending_what_differs_brings_the_wanted_state(current: dict[str, Any], wanted: dict[str, Any]) -> None:
    sent = flatten(settings.body(settings.changes(current, wanted)))
    after = {**flatten(current), **sent}
    for field, value in flatten(wanted).items():
        assert settings.same(after.get(field), value)
        if settings.same(flatten(current).get(field), value):
            assert field not in sent


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (3000, "3000", True),
        ("3000", 3000.0, True),
        (3000, 3001, False),
        (True, 1, False),
        (False, None, False),
        (None, "", True),
        (["a", "b"], ["b", "a"], True),
        (["a"], ["a", "b"], False),
        ("info", "debug", False),
    ],
)
def test_same(one: Any, other: Any, equal: bool) -> None:
    assert settings.same(one, other) is equal
    assert settings.same(other, one) is equal


@pytest.mark.parametrize("field", sorted(settings.COREAPP_RESTART | settings.RESTART_UNKNOWN))
def test_restarts(field: str) -> None:
    change = [settings.Change(field, 1, 2), settings.Change("webhooks.url", "", "https://x")]
    assert (settings.needs_restart(change) == [field]) == (field in settings.COREAPP_RESTART)
    assert (settings.restart_unknown(change) == [field]) == (field in settings.RESTART_UNKNOWN)


@pytest.mark.parametrize(
    ("wanted", "version", "count"),
    [
        ({"webhooks": {"url": "http://x"}}, None, 1),
        ({"webhooks": {"url": ""}}, "2.57.2", 0),
        ({"unhealthy_interval": 0, "heartbeat_interval": -1}, "2.57.2", 2),
        ({"pass_through": True}, "2.35.0", 1),
        ({"pass_through": True}, "2.33.4", 0),
        ({"pass_through": False}, "2.57.2", 0),
        ({"webhooks": {"message": {"sent": True}}}, "2.41.1", 1),
        ({"webhooks": {"message": {"sent": True}}}, "2.41.2", 0),
        ({"webhooks": {"message": {"sent": True}}}, None, 0),
    ],
)
def test_faults(wanted: dict[str, Any], version: str | None, count: int) -> None:
    assert len(settings.faults({}, wanted, version)) == count


def test_pass_through_that_is_on_may_stay_on() -> None:
    assert settings.faults({"pass_through": True}, {"pass_through": True}, "2.57.2") == []
