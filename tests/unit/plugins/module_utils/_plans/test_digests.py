# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A digest of settings tells nothing of them, and is another one for other settings."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import digests
from hypothesis import given, settings
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(["api_key", "shards", "extra_env", "version"])


def text(value: Any) -> str:
    """Python takes True for 1, which a setting is not."""
    return repr(sorted(value.items(), key=repr) if isinstance(value, dict) else value)


@settings(deadline=None)
@given(st.dictionaries(KEYS, VALUES), KEYS, VALUES, st.sets(KEYS))
def test_equal_settings_have_one_digest_and_others_another(
    values: dict[str, Any], key: str, other: Any, secret: set[str]
) -> None:
    digest = digests.digest(values, secret, ["edition"])
    assert digests.digest(dict(reversed(values.items())), sorted(secret, reverse=True), ["edition"]) == digest
    if text(values.get(key)) != text(other) and key in values:
        assert digests.digest({**values, key: other}, secret, ["edition"]) != digest


def test_what_belongs_to_it_counts() -> None:
    assert digests.digest({}, [], ["edition", []]) != digests.digest({}, [], ["another", []])
    assert digests.digest({}, [], ["edition", []]) != digests.digest({}, [], ["edition", [{"name": "web1"}]])


def test_secrets_do_not_appear_and_guesses_cost_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []

    def slow(secrets: str) -> str:
        hashed.append(secrets)
        return "slow"

    monkeypatch.setattr(digests, "_slow", slow)
    digest = digests.digest({"api_key": "canary", "shards": 2}, {"api_key"}, [])
    assert hashed == ['{"api_key": "canary"}'] and "canary" not in digest
    # Nothing but the slow hash of a secret goes into the fast one.
    assert digests.digest({"api_key": "another", "shards": 2}, {"api_key"}, []) == digest


def test_the_hash_of_secrets_is_slow_and_made_once_for_a_cluster() -> None:
    digests._slow.cache_clear()
    for shards in range(20):
        digests.digest({"api_key": "canary", "shards": shards}, {"api_key"}, [])
    assert digests._slow.cache_info().misses == 1
    assert digests._ITERATIONS >= 10_000
