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
    "ports": [],
    "hostname_variable": "COREAPP_HOSTNAME",
    "ports_variable": "COREAPP_EXTERNAL_PORTS",
    "alive": ["CMD", "true"],
    "options": {},
    "env": {"OWN": 1, "EMPTY": "", "NULL": None},
}
SETTINGS: dict[str, Any] = {
    "cluster": "wabiz",
    "registry": "docker.whatsapp.biz",
    "version": "2.57.2",
    "hostname": "app1",
    "address": None,
    "env": {"WA_DB_ENGINE": "MYSQL", "WA_SECRET": None, "WA_DB_PORT": None},
    "options": {
        "restart_policy": "unless-stopped",
        "command": ["wait", "launch"],
        "volumes": ["media:/usr/local/wamedia"],
        "networks": [{"name": "wabiz"}],
        "cap_drop": ["MKNOD"],
        "log_driver": "json-file",
        "log_options": {"max-size": "50m"},
    },
    "added": {},
    "by_service": {"memory": {"webapp": "512m"}},
    "healthcheck": None,
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


def test_environment_holds_text_and_no_null() -> None:
    """An empty text blanks what the image says."""
    env = node_containers(SERVICE, SETTINGS)[0]["env"]
    assert env == {
        "WA_DB_ENGINE": "MYSQL",
        "EMPTY": "",
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


def made(service: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    """The first container of a service and settings that differ from the ones above."""
    return node_containers({**SERVICE, **(service or {})}, {**SETTINGS, **settings})[0]


def test_ports_one_by_one_on_an_address() -> None:
    ports = {"ports": [7000, 7002, 7004, 7006, 8000, 8001, 8002, 8003]}
    first, second = node_containers({**SERVICE, **ports}, {**SETTINGS, "address": "10.0.0.5"})
    assert first["published_ports"][:2] == ["10.0.0.5:7000:6250", "10.0.0.5:7002:6251"]
    assert first["env"]["COREAPP_EXTERNAL_PORTS"] == "7000,7002,7004,7006"
    assert second["env"]["COREAPP_EXTERNAL_PORTS"] == "8000,8001,8002,8003"
    assert made(address="2001:db8::1")["published_ports"][0] == "[2001:db8::1]:6250:6250"


def test_options_of_a_site_are_merged_into_what_the_roles_set() -> None:
    everywhere = {
        "security_opts": ["no-new-privileges"],
        "cap_drop": ["MKNOD", "NET_RAW"],
        "volumes": ["/srv/x:/opt/x:ro"],
        "labels": {"team": "chat", "org.wabiz.node": "mine"},
        "env": {"A": "all", "B": ""},
        "published_ports": ["443:6250"],
        "command": ["other"],
    }
    found = made({"options": {"env": {"A": "own"}, "cpus": 1.5}}, added=everywhere)
    assert found["cap_drop"] == ["MKNOD", "NET_RAW"]
    assert found["volumes"] == ["media:/usr/local/wamedia", "/srv/x:/opt/x:ro"]
    assert (found["env"]["A"], found["env"]["B"], found["cpus"], found["command"]) == ("own", "", 1.5, ["other"])
    assert found["labels"]["team"] == "chat"
    assert found["labels"]["org.wabiz.node"] == "coreapp"
    assert found["published_ports"][0] == "6250:6250"
    assert found["published_ports"][-1] == "443:6250"


def test_sizes_are_of_the_service() -> None:
    assert "memory" not in made()
    assert made(by_service={"memory": {"coreapp": "2g", "webapp": "1g"}})["memory"] == "2g"


def test_a_health_check_has_the_services_own_test() -> None:
    assert "healthcheck" not in made()
    assert made(healthcheck={"interval": "30s"})["healthcheck"] == {"interval": "30s", "test": ["CMD", "true"]}


def test_what_a_site_adds_is_noted_so_that_its_end_is_seen() -> None:
    """docker_container does not compare an option that is not given."""
    label = "org.wabiz.options"
    assert label not in made()["labels"]
    noted = {
        made(added=added, **more)["labels"][label]
        for added, more in (
            ({"cpus": 1.0}, {}),
            ({"cpus": 2.0}, {}),
            ({"ulimits": ["nofile:1:1"]}, {}),
            ({}, {"by_service": {"memory": {"coreapp": "2g"}}}),
            ({}, {"options": {**SETTINGS["options"], "networks": [{"name": "wabiz"}, {"name": "bots"}]}}),
        )
    }
    assert len(noted) == 5
    assert made(added={"cpus": 1.0, "init": True}) == made(added={"init": True, "cpus": 1.0})


def test_options_of_another_service_change_nothing() -> None:
    assert made(by_service={"memory": {"webapp": "8g"}}) == made(by_service={"memory": {}})
