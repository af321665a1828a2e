# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the login asks of community.docker's module, and what is said of its answer."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible_collections.wabiz.onprem.plugins.action.registry_login import ActionModule

PASSWORD = 'Canary-"password"-1'
GIVEN = {"registry": "registry:5000", "username": "puller", "password": PASSWORD}


class Host:
    """Answers for the module, and remembers what it was asked and whether anything of it could be seen."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.hidden: list[bool] = []
        self.connection = MagicMock()
        self.connection._play_context.no_log = False

    def execute(self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((module_name, module_args))
        self.hidden.append(task_vars["ansible_no_target_syslog"] and self.connection._play_context.no_log)
        return self.answer


def run(host: Host, **args: Any) -> dict[str, Any]:
    task = MagicMock(args={**GIVEN, **args}, check_mode=False, diff=False, async_val=0, delegate_to=None)
    plugin = ActionModule(task, host.connection, MagicMock(), MagicMock(), MagicMock(), MagicMock())
    plugin._execute_module = host.execute
    result: dict[str, Any] = plugin.run(task_vars={"inventory_hostname": "web1"})
    return result


def test_the_module_is_told_all_and_shows_nothing() -> None:
    host = Host({"changed": True, "login_result": {"Status": "Login Succeeded"}})
    result = run(host, config_path="/run/x/config.json")
    ((name, options),) = host.asked
    assert name == "community.docker.docker_login"
    assert options == {
        "registry_url": "registry:5000",
        "username": "puller",
        "password": PASSWORD,
        "config_path": "/run/x/config.json",
        "docker_host": "unix:///var/run/docker.sock",
    }
    assert host.hidden == [True]
    assert result == {"changed": True, "cause": ""}


def test_the_modules_own_place_is_not_overruled() -> None:
    host = Host({"changed": False})
    run(host)
    assert "config_path" not in host.asked[0][1]


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (f"unauthorized: {PASSWORD} is no password", "login"),
        (f"unauthorized: {json.dumps({'password': PASSWORD})}", "login"),
        ("connection refused", ""),
    ],
)
def test_who_was_refused_is_told_without_the_password(said: str, cause: str) -> None:
    result = run(Host({"failed": True, "msg": f"Logging into registry:5000 for user puller failed - {said}"}))
    assert (result["failed"], result["cause"]) == (True, cause)
    assert "login of puller at registry:5000: " in result["msg"]
    assert "Canary" not in result["msg"]
