# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host consists of."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import parts

SETTINGS: dict[str, Any] = {
    "cluster_name": "wa.biz",
    "directory": "/etc/wabiz/wa.biz",
    "registry": "registry",
    "version": "2.57.2",
    "database_engine": "mysql",
    "database_images": {"mysql": "mysql:8.0"},
    "database_volume": "wabiz-database",
    "media_path": None,
    "media_source": None,
    "media_volume": "wa.biz-media",
    "media_volume_before": "whatsappMedia",
    "log_cleanup_file": "/etc/cron.d/wabiz-wa-DOT-biz",
}


def resources(groups: dict[str, list[str]], host: str = "a", **more: Any) -> dict[str, list[str]]:
    """Those of one host."""
    names = ("database", "webapp", "master", "coreapp", "loadbalancer", "retired")
    everything = {name: groups.get(name, []) for name in names}
    hosts = {host for found in everything.values() for host in found}
    return parts.resources(Inventory(everything, {one: {**SETTINGS, **more} for one in hosts}, {}), host)


def test_a_node_is_its_containers_and_what_they_need() -> None:
    found = resources({"webapp": ["a"], "coreapp": ["b", "a"]}, coreapp_instances=2)
    shared = ["network wa.biz", "volume wa.biz-media", "volume whatsappMedia"]
    assert found == {
        "webapp": [
            "container wa.biz-webapp-1",
            "image registry/web:v2.57.2",
            *shared,
            "file /etc/wabiz/wa.biz/webapp.yml",
            "file /etc/wabiz/wa.biz/webapp-ca.pem",
        ],
        "coreapp": [
            "container wa.biz-coreapp-1",
            "container wa.biz-coreapp-2",
            "image registry/coreapp:v2.57.2",
            *shared,
            "file /etc/wabiz/wa.biz/coreapp.yml",
        ],
        "log_cleanup": ["file /etc/cron.d/wabiz-wa-DOT-biz", "file /etc/wabiz/wa.biz/log-cleanup.sh"],
    }


def test_networks_and_data_of_the_site_are_of_its_nodes() -> None:
    networks = [{"name": "wa.biz"}, {"name": "bots"}]
    found = resources({"master": ["a"]}, networks=networks, data_volume="whatsappData", media_path="/media")["master"]
    named = [one for one in found if one.startswith(("network", "volume"))]
    assert named == ["network wa.biz", "network bots", "volume whatsappData"]


def test_a_share_takes_the_place_of_the_volume() -> None:
    local = resources({"master": ["a"]}, media_path="/media")
    assert local["media"] == ["directory /media"]
    assert not [resource for resource in local["master"] if resource.startswith("volume")]
    mounted = resources({"master": ["a"]}, media_path="/media", media_source="nas:/media")
    docker = "file /etc/systemd/system/docker.service.d/wabiz-wa.biz-media.conf"
    assert mounted["media"] == ["directory /media", "mount /media", "file /etc/fstab", docker]
    theirs = resources(
        {"master": ["a"]}, media_path="/mnt/share/wa", media_mount_point="/mnt/share", media_require_mount=True
    )
    assert theirs["media"] == ["directory /mnt/share/wa", docker]


def test_a_database_server_alone_has_no_schedule_and_no_share() -> None:
    found = resources({"database": ["a"], "webapp": ["b"]}, media_path="/media")
    assert found == {
        "database": [
            "container wa.biz-database",
            "image mysql:8.0",
            "network wa.biz",
            "volume wabiz-database",
        ]
    }
    assert "volume /data" not in resources({"database": ["a"]}, database_volume="/data")["database"]


def test_the_users_of_a_sites_own_server_are_made_from_the_first_webapp() -> None:
    groups = {"webapp": ["a", "b"]}
    assert "database_users" not in resources(groups)
    found = {host: resources(groups, host=host, database_admin_user="dba") for host in ("a", "b")}
    assert found["a"]["database_users"] == []
    assert "database_users" not in found["b"]
    assert "database_users" not in resources({**groups, "database": ["c"]}, database_admin_user="dba")


def test_a_balancer_is_its_files_and_its_unit() -> None:
    found = resources({"loadbalancer": ["a"], "webapp": ["b"]})
    assert list(found) == ["loadbalancer"]
    assert "file /etc/systemd/system/wa.biz-loadbalancer-1.service" in found["loadbalancer"]
    assert "unit wa.biz-loadbalancer-1.service" in found["loadbalancer"]
    # A run that ended before the reload has left it.
    assert "file /etc/wabiz/wa.biz/loadbalancer/not-reloaded" in found["loadbalancer"]
    assert {resource.partition(" ")[0] for resource in found["loadbalancer"]} == {"file", "unit"}


def test_a_retired_host_consists_of_nothing() -> None:
    assert resources({"retired": ["a"], "webapp": ["b"]}) == {}


@pytest.mark.parametrize("missing", ["registry", "version", "media_volume", "database_images"])
def test_a_playbook_that_does_not_read_it_all_asks_for_nothing(missing: str) -> None:
    variables = {key: value for key, value in SETTINGS.items() if key != missing}
    groups = {"database": [], "webapp": ["a"], "master": [], "coreapp": [], "loadbalancer": [], "retired": []}
    assert parts.resources(Inventory(groups, {"a": variables}, {}), "a") == {}
