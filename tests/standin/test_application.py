"""Application settings as pure functions: validation, merging, what waits for a restart."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standin.common.errors import ApiError
from standin.node.base.application_rules import (
    AFTER_RESTART,
    CONCURRENT,
    DEFAULTS,
    FIELDS,
    MEDIA_KINDS,
    changed_paths,
    checked,
    complete,
    held_back,
    merged,
    shown,
    value_at,
    with_value,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "callback_backoff_delay_ms": st.integers(1, 10**6) | st.integers(1, 10**6).map(str),
        "callback_persist": st.booleans(),
        "garbagecollector_enable": st.fixed_dictionaries(
            {}, optional={"media": st.booleans(), "messages": st.booleans()}
        ),
        "heartbeat_interval": st.integers(1, 1000) | st.floats(0.1, 1000),
        "media": st.fixed_dictionaries({"auto_download": st.lists(st.sampled_from(MEDIA_KINDS), unique=True)}),
        "pass_through": st.just(False),
        "webhooks": st.fixed_dictionaries(
            {},
            optional={
                "url": st.sampled_from(["", "https://a.test/x", "https://b.test:8443/"]),
                "max_concurrent_requests": st.sampled_from(CONCURRENT),
                "message": st.fixed_dictionaries({}, optional={"sent": st.booleans(), "read": st.booleans()}),
            },
        ),
    },
)


@given(st.dictionaries(st.sampled_from([*FIELDS, "unknown"]), JSON, max_size=4))
def test_anything_is_answered(patch: dict[str, Any]) -> None:
    """Any JSON object is either taken or refused with a documented code; what is taken is taken again unchanged."""
    try:
        stored = checked(patch)
    except ApiError as error:
        assert (error.status, error.code) in {(400, 1009), (400, 1010)}
    else:
        assert checked(stored) == stored


@given(PATCHES, PATCHES)
def test_patches(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Only sent fields change, and a second sending changes nothing."""
    before = complete(checked(first))
    patch = checked(second)
    after = merged(before, patch)
    assert merged(after, patch) == after
    for name in DEFAULTS.keys() - patch.keys():
        assert after[name] == before[name]


@given(PATCHES, PATCHES)
def test_held_back(first: dict[str, Any], second: dict[str, Any]) -> None:
    """A process keeps its first values of what needs a restart, and follows everything else."""
    start, now = checked(first), checked(second)
    applied = held_back(now, start)
    for path in AFTER_RESTART:
        assert value_at(applied, path) == value_at(complete(start), path)
        applied = with_value(applied, path, value_at(complete(now), path))
    assert applied == complete(now)
    assert set(changed_paths(start, now)) <= set(AFTER_RESTART)
    assert changed_paths(now, now) == []


@pytest.mark.parametrize("number", [0, -1, True, math.nan, math.inf, "5", None])
def test_intervals(number: object) -> None:
    """Intervals are positive numbers, never texts."""
    with pytest.raises(ApiError, match="1009"):
        checked({"unhealthy_interval": number})


def test_older_form() -> None:
    """The older name of the collector's switch changes the newer one, and both are shown."""
    stored = checked({"db_garbagecollector_enable": False})
    assert stored == {"garbagecollector_enable": {"messages": False}}
    settings = shown(complete(stored), "4915")
    assert settings["db_garbagecollector_enable"] is False
    assert settings["wa_id"] == "4915"
    with pytest.raises(ApiError, match="1010"):
        checked({"wa_id": "4915"})


def test_defaults_are_not_shared() -> None:
    """Changing what was answered does not change the defaults."""
    complete({})["webhooks"]["url"] = "https://x.test"
    assert complete({})["webhooks"]["url"] == ""
