# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints of what the engine has: which changes they show, and which they do not."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import Engine
from ansible_collections.wabiz.onprem.plugins.module_utils._host.resources import ABSENT, fingerprints, unreadable

from tests.unit.plugins.scripted_engine import ID, ScriptedEngine

CONTAINER: dict[str, Any] = {
    "Id": ID,
    "Image": "sha256:5a5a",
    "RestartCount": 0,
    "Config": {"Image": "coreapp:v2.57.2", "Env": ["WA_DB_PASSWORD=canary-password"], "Hostname": ID[:12]},
    "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}, "Memory": 0},
    "State": {"Running": True, "Paused": False, "StartedAt": "2026-01-02T03:04:05Z", "Pid": 7},
    "Mounts": [
        {"Type": "bind", "Source": "/media", "Destination": "/usr/local/wamedia"},
        {"Type": "volume", "Name": "data", "Destination": "/data"},
    ],
    "NetworkSettings": {
        "Networks": {
            "wabiz": {"Aliases": ["core1", ID[:12]], "IPAMConfig": None, "Links": None, "IPAddress": "172.18.0.2"}
        }
    },
}
PATHS = {
    "container c": "/containers/c/json",
    "image registry/web:v1": "/images/registry/web%3Av1/json",
    "network wabiz": "/networks/wabiz",
    "volume data": "/volumes/data",
}


@pytest.fixture
def scripted() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def engine(scripted: ScriptedEngine, tmp_path: Path) -> Iterator[Engine]:
    with scripted.listening(tmp_path / "docker.sock") as path:
        yield Engine(str(path), 5.0)


Print = Callable[[dict[str, Any]], str]


@pytest.fixture
def printed(scripted: ScriptedEngine, engine: Engine) -> Print:
    """The fingerprint of a container that is what is given."""

    def of(details: dict[str, Any]) -> str:
        scripted.answers["/containers/c/json"] = (200, details)
        return fingerprints(engine, ["container c"])["container c"]

    return of


def changed(path: str, value: Any) -> dict[str, Any]:
    """The container with another value at a path of keys."""
    made = copy.deepcopy(CONTAINER)
    *above, last = path.split(".")
    place = made
    for key in above:
        place = place[key]
    place[last] = value
    return made


@pytest.mark.parametrize("resource", PATHS)
def test_what_is_not_there_is_absent(engine: Engine, resource: str) -> None:
    assert fingerprints(engine, [resource]) == {resource: ABSENT}


@pytest.mark.parametrize("resource", PATHS)
def test_what_is_there_has_one_fingerprint(scripted: ScriptedEngine, engine: Engine, resource: str) -> None:
    scripted.answers[PATHS[resource]] = (200, {"Id": ID, "Name": "data", "Driver": "local"})
    first, second = fingerprints(engine, [resource]), fingerprints(engine, [resource])
    assert first == second and first[resource] != ABSENT and not unreadable(first[resource])


@pytest.mark.parametrize("answer", [(500, {"message": "broken"}), (200, b"no json"), (200, []), (200, {})])
@pytest.mark.parametrize("resource", PATHS)
def test_what_the_engine_does_not_tell_is_unreadable(
    scripted: ScriptedEngine, engine: Engine, resource: str, answer: tuple[int, Any]
) -> None:
    scripted.answers[PATHS[resource]] = answer
    assert unreadable(fingerprints(engine, [resource])[resource])


@pytest.mark.parametrize("resource", PATHS)
def test_without_an_engine_nothing_of_it_is_readable(resource: str, tmp_path: Path) -> None:
    for engine in (None, Engine(str(tmp_path / "none.sock"), 1.0)):
        assert unreadable(fingerprints(engine, [resource])[resource])


def test_one_that_takes_too_long_costs_the_others_nothing(scripted: ScriptedEngine, tmp_path: Path) -> None:
    scripted.slow.add("/containers/slow/json")
    scripted.answers["/containers/c/json"] = (200, CONTAINER)
    with scripted.listening(tmp_path / "docker.sock") as path:
        found = fingerprints(Engine(str(path), 0.2), ["container slow", "container c", "network none"])
    assert unreadable(found["container slow"]) and not unreadable(found["container c"])
    assert found["network none"] == ABSENT


def test_an_unknown_kind_and_a_name_that_cannot_be(engine: Engine) -> None:
    found = fingerprints(engine, ["planet mars", "file /a\0b", "file"])
    assert all(unreadable(found[resource]) for resource in ("planet mars", "file /a\0b"))
    assert "no such kind" in found["planet mars"]


def test_a_restart_changes_nothing(printed: Print) -> None:
    after = copy.deepcopy(CONTAINER)
    after["RestartCount"] = 3
    after["State"] |= {"StartedAt": "2026-02-02T03:04:05Z", "Pid": 8}
    after["Mounts"].reverse()
    # The engine writes nothing in more than one way, and adds the container's own id.
    network = {"Aliases": [ID[:12], "core1"], "IPAMConfig": {}, "Links": [], "IPAddress": "172.18.0.9"}
    after["NetworkSettings"]["Networks"]["wabiz"] = network
    assert printed(after) == printed(CONTAINER)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Config.Env", ["WA_DB_PASSWORD=another"]),
        ("HostConfig.RestartPolicy", {"Name": "no"}),
        ("HostConfig.Memory", 1_000_000_000),
        ("Image", "sha256:6b6b"),
        ("State.Running", False),
        ("State.Paused", True),
        ("Mounts", CONTAINER["Mounts"][:1]),
        ("NetworkSettings.Networks", {}),
        ("NetworkSettings.Networks.wabiz.Aliases", [ID[:12]]),
        ("NetworkSettings.Networks.wabiz.IPAMConfig", {"IPv4Address": "172.18.0.7"}),
    ],
)
def test_what_was_changed_on_a_container_by_hand_shows(printed: Print, path: str, value: Any) -> None:
    assert printed(changed(path, value)) != printed(CONTAINER)


def test_a_fingerprint_holds_nothing_of_a_container(printed: Print) -> None:
    assert "canary" not in printed(CONTAINER) and len(printed(CONTAINER)) == 32


def test_a_volume_is_what_it_was_made_of(scripted: ScriptedEngine, engine: Engine) -> None:
    made: dict[str, Any] = {"Name": "data", "Driver": "local", "Labels": {}, "Options": None, "CreatedAt": "2026"}
    prints = []
    for more in ({}, {"UsageData": {"Size": 5}}, {"Driver": "nfs"}, {"Labels": {"a": "b"}}, {"Options": {"o": "bind"}}):
        scripted.answers["/volumes/data"] = (200, {**made, **more})
        prints.append(fingerprints(engine, ["volume data"])["volume data"])
    assert prints[0] == prints[1]
    assert len(set(prints)) == 4
