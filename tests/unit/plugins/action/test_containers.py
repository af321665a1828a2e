# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin's own logic; what the modules behind it do is seen on the lab."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible_collections.wabiz.onprem.plugins.action.containers import ActionModule

SECRET = "canary-secret-1"
CONTAINER = {"name": "c1", "image": "web:v1", "env": {"WA_API_KEY": SECRET}, "networks": [{"name": "net"}]}
FRESH = {"changed": True, "diff": {"before": {"exists": False}, "after": {"exists": True}}}
SAME: dict[str, Any] = {"changed": False, "diff": {"before": {}, "after": {}}}


class Host:
    """Plays the modules: answers by module name, and remembers what was asked."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def execute(self, module_name: str, module_args: dict[str, Any], **_options: Any) -> dict[str, Any]:
        short = module_name.rpartition(".")[2].removeprefix("docker_")
        self.asked.append((short, module_args))
        return self.answers.get(short, {"changed": False})


def run(host: Host, check: bool = False, **args: Any) -> dict[str, Any]:
    task = MagicMock(args=args, check_mode=check, diff=True, async_val=0)
    plugin = ActionModule(task, MagicMock(), MagicMock(), MagicMock(), MagicMock(), MagicMock())
    plugin._execute_module = host.execute
    return plugin.run(task_vars={})


def test_network_volume_and_container_in_this_order() -> None:
    host = Host(container=FRESH)
    result = run(host, network={"name": "net"}, volumes=[{"name": "vol"}], containers=[CONTAINER])
    assert [kind for kind, _args in host.asked] == ["network", "volume", "container"]
    assert [(item["kind"], item["state"]) for item in result["resources"]] == [
        ("network", "same"),
        ("volume", "same"),
        ("container", "fresh"),
    ]
    assert result["changed"] is True
    assert host.asked[-1][1]["comparisons"]["env"] == "strict"


def test_nothing_to_do() -> None:
    result = run(Host(container=SAME), containers=[CONTAINER])
    assert (result["changed"], result["diff"]) == (False, [])


def test_check_mode_does_not_compare_against_a_network_that_is_not_there() -> None:
    host = Host(network={"changed": True}, container=SAME)
    result = run(host, check=True, network={"name": "net"}, containers=[CONTAINER])
    assert "networks" not in host.asked[-1][1]
    assert [item["state"] for item in result["resources"]] == ["fresh", "changed"]


def test_without_an_engine_check_mode_predicts_creation() -> None:
    host = Host()
    result = run(host, check=True, engine_running=False, network={"name": "net"}, containers=[CONTAINER])
    assert host.asked == []
    assert [(item["kind"], item["name"], item["state"]) for item in result["resources"]] == [
        ("network", "net", "fresh"),
        ("container", "c1", "fresh"),
    ]


def test_without_an_engine_a_real_run_says_what_to_do() -> None:
    result = run(Host(), engine_running=False, containers=[CONTAINER])
    assert result["failed"] is True
    assert "site.yml" in result["msg"]


def test_a_failure_stops_and_shows_no_secret() -> None:
    host = Host(container={"failed": True, "msg": f"cannot start with {SECRET}"})
    result = run(host, containers=[CONTAINER, {**CONTAINER, "name": "c2"}])
    assert len(host.asked) == 1
    assert result["failed"] is True
    assert result["msg"].startswith("container c1: cannot start with")
    assert SECRET not in str(result)


def test_an_unreachable_host_stays_unreachable() -> None:
    result = run(Host(container={"unreachable": True, "msg": "no route"}), containers=[CONTAINER])
    assert result["unreachable"] is True


def test_no_secret_in_a_result() -> None:
    changed = {
        "changed": True,
        "diff": {"before": {"env": ["WA_API_KEY=older-secret"]}, "after": {"env": [f"WA_API_KEY={SECRET}"]}},
        "container": {
            "Id": "1",
            "Config": {"Env": [f"WA_API_KEY={SECRET}"]},
            "NetworkSettings": {"Networks": {"net": {"IPAddress": "172.18.0.2"}}},
        },
    }
    result = run(Host(container=changed), containers=[CONTAINER])
    assert SECRET not in str(result)
    assert "older-secret" not in str(result)
    assert result["containers"]["c1"] == {"id": "1", "addresses": ["172.18.0.2"]}


def test_each_image_is_pulled_once() -> None:
    host = Host(image_pull={"changed": True})
    result = run(host, state="pulled", containers=[CONTAINER, {**CONTAINER, "name": "c2"}])
    assert host.asked == [("image_pull", {"name": "web:v1", "pull": "not_present"})]
    assert result["resources"] == [{"kind": "image", "name": "web:v1", "state": "fresh", "differences": []}]


def test_removal_goes_from_containers_to_volumes() -> None:
    host = Host(container={"changed": True}, network={"changed": True}, volume={"changed": False})
    result = run(host, state="absent", network={"name": "net"}, volumes=[{"name": "vol"}], containers=[CONTAINER])
    assert [kind for kind, _args in host.asked] == ["container", "network", "volume"]
    assert [item["state"] for item in result["resources"]] == ["gone", "gone", "same"]


@pytest.mark.parametrize("state", ["stopped", "present"])
def test_wanted_state_of_the_containers(state: str) -> None:
    host = Host(container=SAME)
    run(host, state=state, containers=[CONTAINER])
    assert host.asked[0][1]["state"] == {"stopped": "stopped", "present": "started"}[state]
