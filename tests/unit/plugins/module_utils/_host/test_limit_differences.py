# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import limits
from ansible_collections.wabiz.onprem.plugins.module_utils._host.limit_differences import limit_differences
from ansible_collections.wabiz.onprem.plugins.plugin_utils import container_options

HALF, GIB = 512 * 1024**2, 1024**3


def lines(options: dict[str, Any], **found: Any) -> list[str]:
    return [f"{diff.key}: {diff.current} -> {diff.desired}" for diff in limit_differences(options, found)]


def test_a_limit_that_is_not_wanted_differs() -> None:
    assert lines({}, memory=268435456, memory_swap=GIB, cpus=500_000_000, cpuset_cpus="0", pids_limit=9) == [
        "cpus: 0.5 -> 0 (no limit)",
        "cpuset_cpus: 0 -> 0 (no limit)",
        "memory: 268435456 -> 0 (no limit)",
        f"memory_swap: {GIB} -> 0 (no limit)",
        "pids_limit: 9 -> 0 (no limit)",
    ]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, {}),
        # As each release has created them: with memory alone an engine permits as much swap again.
        ({"memory": "512m"}, {"memory": HALF, "memory_swap": GIB}),
        ({"memory": "512m", "memory_swap": "0"}, {"memory": HALF, "memory_swap": GIB}),
        ({"memory": "512m", "memory_swap": "unlimited"}, {"memory": HALF, "memory_swap": -1}),
        ({"memory": "512m", "memory_swap": "-1"}, {"memory": HALF, "memory_swap": -1}),
        ({"memory": "512m", "memory_swap": "512m"}, {"memory": HALF, "memory_swap": HALF}),
        ({"memory": "512m"}, {"memory": HALF}),
        ({"memory": None, "memory_reservation": "512m"}, {"memory_reservation": HALF}),
        ({"cpus": 0.5}, {"cpus": 500_000_000}),
        ({"cpuset_cpus": "0-1", "cpu_shares": 512, "pids_limit": 100}, {"cpuset_cpus": "0-1", "cpu_shares": 512}),
        # What is not limited yet is set, or created again, by docker_container.
        ({"memory": "512m", "pids_limit": 100}, {}),
    ],
)
def test_what_a_container_was_created_with_is_equal(options: dict[str, Any], found: dict[str, Any]) -> None:
    assert lines(options, **found) == []


def test_other_values_than_the_wanted_ones_differ() -> None:
    assert lines({"memory": "512m"}, memory=GIB, memory_swap=-1) == [
        f"memory: {GIB} -> {HALF}",
        f"memory_swap: -1 -> {GIB}",
    ]
    assert lines({"cpus": 2}, cpus=1_500_000_000) == ["cpus: 1.5 -> 2.0"]


def test_the_names_are_options_of_docker_container() -> None:
    unknown = set(limits._OPTIONS.values()) - set(container_options._specification())
    assert unknown == {"cpu_rt_period", "cpu_rt_runtime"}
