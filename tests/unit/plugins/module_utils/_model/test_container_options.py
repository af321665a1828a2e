# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a container from several sources."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.container_options import host_ports, merged
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.one_of(
    st.integers(),
    st.text(max_size=3),
    st.lists(st.integers(), max_size=3, unique=True),
    st.dictionaries(st.sampled_from("ab"), st.integers(), max_size=2),
)
LAYERS = st.dictionaries(st.sampled_from(["cpus", "command", "volumes", "env", "memory"]), VALUES, max_size=5)


@given(LAYERS, LAYERS)
def test_the_later_one_is_always_in_it_and_nothing_is_changed_in_place(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    before = repr((first, second))
    found = merged(first, second)
    assert repr((first, second)) == before
    assert found.keys() == first.keys() | second.keys()
    for name, value in second.items():
        if isinstance(value, list) and isinstance(found[name], list):
            assert set(value) <= set(found[name])
        elif isinstance(value, dict):
            assert value.items() <= found[name].items()
        else:
            assert found[name] == value
    assert merged(found, second) == found


def test_words_of_a_command_are_replaced_together() -> None:
    assert merged({"command": ["a", "b"], "entrypoint": ["c"]}, {"command": ["d"]}) == {
        "command": ["d"],
        "entrypoint": ["c"],
    }


def test_null_is_nothing() -> None:
    assert merged({"cpus": 1, "init": None}, {"cpus": None}) == {"cpus": 1}


@pytest.mark.parametrize(
    ("driver", "limits"), [("journald", None), ("local", {"max-size": "50m"}), ("json-file", {"max-size": "50m"})]
)
def test_another_log_driver_does_not_get_limits_that_it_does_not_know(
    driver: str, limits: dict[str, str] | None
) -> None:
    base = {"log_driver": "json-file", "log_options": {"max-size": "50m"}}
    assert merged(base, {"log_driver": driver}).get("log_options") == limits
    assert merged(base, {"log_driver": driver, "log_options": {"tag": "x"}})["log_options"] == {
        **(limits or {}),
        "tag": "x",
    }


@pytest.mark.parametrize("back", ["json-file", "local", "gelf"])
def test_options_of_one_log_driver_are_not_given_to_another(back: str) -> None:
    everywhere = {"log_driver": "syslog", "log_options": {"syslog-address": "udp://10.0.0.9:514"}}
    assert merged(everywhere, {"log_driver": back}) == {"log_driver": back}
    assert merged(everywhere, {"log_driver": "syslog", "log_options": {"tag": "wa"}})["log_options"] == {
        "syslog-address": "udp://10.0.0.9:514",
        "tag": "wa",
    }


def test_of_each_kind_of_limit_the_last_one_counts() -> None:
    """Two of one kind would be an error of the engine, or either of them."""
    limits = merged({"ulimits": ["nofile:65536:65536", "nproc:8192"]}, {"ulimits": ["nofile:262144"]})["ulimits"]
    assert limits == ["nproc:8192", "nofile:262144"]


@pytest.mark.parametrize(
    ("published", "ports"),
    [
        ("8443:443", [8443]),
        ("10.0.0.5:8443:443/tcp", [8443]),
        ("[2001:db8::1]:8443:443", [8443]),
        ("9000-9002:8000-8002", [9000, 9001, 9002]),
        ("8443:443/udp", []),
        ("443", []),
        ("10.0.0.5::443", []),
        ("all", []),
        ("a:b", []),
    ],
)
def test_the_ports_of_the_host(published: str, ports: list[int]) -> None:
    assert host_ports([published]) == ports
