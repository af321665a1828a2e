# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When media_gc.yml removes anything, and when it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verbs import VERBS
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._plans.observed_clusters import cluster
from hypothesis import given
from hypothesis import strategies as st

PATH = "/srv/media"


def share(free: float | None, **more: Any) -> dict[str, Any]:
    mount = {"fstype": "nfs4", "source": "nas:/wa", "device": "0:42"}
    return {"media": {"path": PATH, "mount": mount, "free": free, "problem": "", **more}, "mounts": {PATH: True}}


def planned(
    below: float | None = 20, health: Any = None, hosts: dict[str, dict[str, Any]] | None = None, **wish: Any
) -> dict[str, Any]:
    """The plan where two hosts have a share with 30 and 10 GB free, or what the test says."""
    found = cluster()
    seen = {"core1": share(30e9), "master1": share(10e9)} if hosts is None else hosts
    surveys = {host: {**report, **seen.get(host, {})} for host, report in found.reports.items()}
    settings = {"media_gc_below_gb": below, "media_path": PATH, "media_shared": None, **wish}
    return VERBS["media_gc"](Facts(found.topology, settings, surveys, {"health": health or found.health}, "2026-03-01"))


def in_volumes(below: float | None, **wish: Any) -> dict[str, Any]:
    return planned(below, hosts={}, media_path=None, **wish)


@pytest.mark.parametrize(("below", "rounds"), [(None, 1), (0, 0), (9.9, 0), (10, 0), (10.1, 1), (20, 1)])
def test_the_least_free_space_counts(below: float | None, rounds: int) -> None:
    found = planned(below)
    assert (found["rounds"], found["refusals"], found["free_gb"]) == (rounds, [], 10.0)


def test_what_it_is_going_to_do_is_said() -> None:
    assert planned(5)["text"] == [
        "Nothing to do: 10.0 GB are free for media, not less than 5 (wabiz_media_gc_below_gb)."
    ]
    first = "10.0 GB are free for media, less than 20 (wabiz_media_gc_below_gb): media that were not used for 30 days"
    assert planned()["text"][0] == f"{first} are removed."
    assert planned(None)["text"][0].startswith("10.0 GB are free for media: media that were not used")
    assert in_volumes(None)["text"][0].startswith("An unknown amount of space is free for media: ")


def test_media_in_volumes_are_removed_without_a_limit_only() -> None:
    assert (in_volumes(None)["rounds"], in_volumes(None)["refusals"]) == (1, [])
    (refusal,) = in_volumes(20)["refusals"]
    assert "they are in a Docker volume. Leave wabiz_media_gc_below_gb blank" in refusal


@pytest.mark.parametrize("below", [None, 20])
def test_a_cluster_without_media_messages_has_nothing_to_remove(below: float | None) -> None:
    found = in_volumes(below, media_shared=False)
    assert (found["rounds"], found["refusals"]) == (0, [])
    assert found["text"] == ["Nothing to do: wabiz_media_shared: false says that the cluster has no media messages."]


@pytest.mark.parametrize("below", [None, 20])
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"health": {"msg": "no connection"}}, "no connection"),
        ({"health": {**cluster().health, "summary": {"registered": False}}}, "register"),
        (
            {"hosts": {"core1": share(None, problem="no answer within 5 s"), "master1": share(1e9)}},
            "core1: the media directory /srv/media (nfs4 nas:/wa) does not answer: no answer within 5 s.",
        ),
        ({"hosts": {"core1": share(None, problem="no answer within 5 s")}}, "core1: the media directory /srv/media"),
        ({"hosts": {"core1": {**share(90e9), "mounts": {PATH: False}}}}, "core1: nothing is mounted at /srv/media"),
    ],
)
def test_it_refuses(changed: dict[str, Any], words: str, below: float | None) -> None:
    found = planned(below, **changed)
    (refusal,) = found["refusals"]
    assert words in refusal
    assert found["text"][-1] == f"Refused: {refusal}"


def test_a_limit_without_any_directory_to_look_at() -> None:
    (refusal,) = planned(20, hosts={"core1": share(None)})["refusals"]
    assert "no host has /srv/media. Check wabiz_media_path." in refusal
    assert planned(None, hosts={"core1": share(None)})["refusals"] == []


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=5), st.one_of(st.none(), st.floats(0, 1e4)))
def test_it_is_started_exactly_where_a_host_has_less_than_the_limit(spaces: list[int], below: float | None) -> None:
    names = list(cluster().reports)
    found = planned(below, hosts={names[number]: share(free) for number, free in enumerate(spaces)})
    assert found["rounds"] == (below is None or any(free / 1e9 < below for free in spaces))
    assert found["text"][0].startswith("Nothing to do: ") == (found["rounds"] == 0)
