# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from other settings where it is not given. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import bracketed, canonical, subnet
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import prefix_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_users import other
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import docker, docker_host
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import registry_of

_PORTS = {"mysql": 3306, "postgresql": 5432}


def derive(values: dict[str, t.Any], host: str, ansible_host: str | None) -> dict[str, t.Any]:
    """Return the settings with every fallback filled in, as far as what it follows from was read."""
    found = dict(values)

    def fall_back(key: str, value: t.Callable[[], t.Any]) -> None:
        if key in found and found[key] is None:
            found[key] = value()

    found["ansible_host"] = ansible_host or host
    # For tasks; modules have a socket of the same default.
    found["docker"], found["docker_host"] = docker(), docker_host()
    fall_back("external_hostname", lambda: found["ansible_host"])
    fall_back("database_port", lambda: _PORTS[found["database_engine"]])
    fall_back("database_prefix", lambda: f"{found['cluster_name'].replace('.', '_')}_")
    if "database_prefix" in found:
        found["database_prefix"] = prefix_of(found["database_prefix"])
    if "media_volume" in found:
        # Where a cluster that was made with an earlier default may have its media.
        found["media_volume_before"] = "" if found["media_volume"] else "whatsappMedia"
    fall_back("media_mount_point", lambda: found["media_path"])
    fall_back("media_volume", lambda: f"{found['cluster_name']}-media")
    fall_back("database_tls", lambda: found.get("database_tls_ca") is not None)
    fall_back("database_volume", lambda: f"{found['cluster_name']}-database")
    fall_back("upgrade_minimum_disk_gb", lambda: found["minimum_disk_gb"])
    fall_back("loadbalancer_names", lambda: [found["external_hostname"]])
    fall_back("two_step_pin", lambda: found["registration_pin"])
    for key in ("registry", "push_registry"):
        if found.get(key):
            found[f"{key}_host"] = registry_of(f"{found[key]}/")
    if found.get("database_images"):
        found["database_registry_host"] = registry_of(found["database_images"].get(found.get("database_engine"), ""))
    if found.get("database_user"):
        found["database_other_user"] = other(found["database_user"])
    if "image_archive_host" in found:
        found["image_archive_place"] = found["image_archive_host"] or "localhost"
    if "logs_host" in found:
        found["logs_place"] = found["logs_host"] or "localhost"
    if "external_hostname" in found:
        found["url_host"] = bracketed(found["external_hostname"])
    if "cluster_name" in found:
        # cron ignores files with a dot in their name; no cluster has capital letters in its own.
        found["log_cleanup_file"] = f"/etc/cron.d/wabiz-{found['cluster_name'].replace('.', '-DOT-')}"
    for key in ("published_address", "database_published_address"):
        if found.get(key):
            found[key] = canonical(found[key])
    for key in ("ulimits", "database_ulimits"):
        if found.get(key):
            found[key] = [limit.replace("=", ":") for limit in found[key]]
    if "dns_servers" in found:
        found["dns_servers"] = [canonical(address) for address in found["dns_servers"]]
    if "networks" in found:
        found["networks"] = _networks(found["cluster_name"], found["networks"])
    if "network_subnets" in found:
        found["network_subnets"] = [subnet(text) for text in found["network_subnets"]]
        found["network_ipam"] = [{"subnet": text} for text in found["network_subnets"]]
        found["network_ipv6"] = any(":" in text for text in found["network_subnets"])
    if "config_directory" in found and "cluster_name" in found:
        found["directory"] = f"{found['config_directory']}/{found['cluster_name']}"
    if "backup_path" in found:
        found["backups"] = f"{found['backup_path']}/{found['cluster_name']}"
        # What is on its way over the controller; no cluster's name begins with a dot.
        found["backup_transit"] = f"{found['backup_path']}/.transit-{found['cluster_name']}"
    if "database_backup_directory" in found:
        found["dumps"] = f"{found['database_backup_directory']}/{found['cluster_name']}"
    return found


def _networks(own: str, joined: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The networks of a container: the cluster's own is the first, whatever the site says of it."""
    first = next((network for network in joined if network.get("name") == own), {"name": own})
    return [first, *(network for network in joined if network.get("name") != own)]
