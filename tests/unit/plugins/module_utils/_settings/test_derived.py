# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from other settings."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.derived import derive


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        ({}, {}),
        ({"registry": "registry:5000/whatsapp"}, {"registry_host": "registry:5000"}),
        ({"push_registry": "localhost/mine"}, {"push_registry_host": "localhost"}),
        ({"push_registry": "mine"}, {"push_registry_host": "docker.io"}),
        (
            {"database_engine": "mysql", "database_images": {"mysql": "mysql:8.0", "postgresql": "r.net/pg:13"}},
            {"database_registry_host": "docker.io"},
        ),
        (
            {"database_engine": "postgresql", "database_images": {"mysql": "mysql:8.0", "postgresql": "r.net/pg:13"}},
            {"database_registry_host": "r.net"},
        ),
    ],
)
def test_registries_without_their_paths(given: dict[str, Any], hosts: dict[str, str]) -> None:
    """A login is of a registry, whatever path images have there."""
    found = derive({"database_port": 1, **given}, "web1", None)
    assert {key: value for key, value in found.items() if key.endswith("registry_host")} == hosts


def test_tasks_find_the_engine_that_modules_inspect() -> None:
    found = derive({}, "web1", None)
    assert found["docker_host"] == "unix:///var/run/docker.sock"
    assert found["docker"] == ["docker", "--host", found["docker_host"]]
