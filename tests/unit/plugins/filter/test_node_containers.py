# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.plugins.filter.node_containers import node_containers

SERVICE: dict[str, Any] = {
    "name": "coreapp",
    "image": "coreapp",
    "instances": 2,
    "first_port": "6250",
    "hostname_variable": "COREAPP_HOSTNAME",
    "ports_variable": "COREAPP_EXTERNAL_PORTS",
    "env": {"OWN": 1, "EMPTY": "", "NULL": None},
}
SETTINGS: dict[str, Any] = {
    "cluster": "wabiz",
    "registry": "docker.whatsapp.biz",
    "version": "2.57.2",
    "hostname": "app1",
    "env": {"WA_DB_ENGINE": "MYSQL", "WA_SECRET": "", "WA_DB_PORT": None},
    "options": {"restart_policy": "unless-stopped"},
}


def test_instances_differ_in_name_and_ports_only() -> None:
    first, second = node_containers(SERVICE, SETTINGS)
    assert (first["name"], second["name"]) == ("wabiz-coreapp-1", "wabiz-coreapp-2")
    assert first["published_ports"] == ["6250:6250", "6251:6251", "6252:6252", "6253:6253"]
    assert second["published_ports"] == ["6258:6250", "6259:6251", "6260:6252", "6261:6253"]
    assert second["env"]["COREAPP_EXTERNAL_PORTS"] == "6258,6259,6260,6261"
    own = {"name", "published_ports", "env"}
    assert {key: first[key] for key in first if key not in own} == {
        key: second[key] for key in second if key not in own
    }


def test_environment_holds_text_and_nothing_empty_or_null() -> None:
    env = node_containers(SERVICE, SETTINGS)[0]["env"]
    assert env == {
        "WA_DB_ENGINE": "MYSQL",
        "COREAPP_HOSTNAME": "app1",
        "COREAPP_EXTERNAL_PORTS": "6250,6251,6252,6253",
        "OWN": "1",
    }


def test_false_and_zero_are_values() -> None:
    service = {**SERVICE, "env": {"A": False, "B": 0, "C": " "}}
    env = node_containers(service, SETTINGS)[0]["env"]
    assert (env["A"], env["B"], env["C"]) == ("False", "0", " ")


def test_image_and_labels_name_the_version() -> None:
    container = node_containers(SERVICE, SETTINGS)[0]
    assert container["image"] == "docker.whatsapp.biz/coreapp:v2.57.2"
    assert container["labels"] == {
        "org.wabiz.cluster": "wabiz",
        "org.wabiz.node": "coreapp",
        "org.wabiz.version": "2.57.2",
    }


def test_no_instances() -> None:
    assert node_containers({**SERVICE, "instances": 0}, SETTINGS) == []
