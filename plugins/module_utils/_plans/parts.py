# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host consists of, part by part: resources as plugins/module_utils/_host/resources.py takes them."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import IMAGES, reference
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import (
    SERVICES,
    database_container,
)

# The role that makes a part, where it is not called as the part is.
ROLES = {"database_users": "database"}


def resources(inventory: Inventory, host: str) -> dict[str, list[str]]:
    """The resources of each part of a host; none for a playbook that does not read what they are made from."""
    settings = inventory.variables[host]
    if not (settings.get("version") and {"registry", "media_volume", "database_images"} <= settings.keys()):
        return {}
    found = {service: _node(inventory, host, service) for service in SERVICES if host in inventory.groups[service]}
    if found:
        program = f"{settings['directory']}/log-cleanup.sh"
        found["log_cleanup"] = [f"file {settings['log_cleanup_file']}", f"file {program}"]
    if found and settings.get("media_path"):
        found["media"] = [f"directory {settings['media_path']}", *_share(inventory, host)]
    if host in inventory.groups["database"]:
        found["database"] = [*_database(inventory.name, settings), *_tls(inventory, host)]
    if host == inventory.keeper and inventory.administers_database:
        # On a server of the site, of which nothing is on the hosts.
        found["database_users"] = []
    if host in inventory.groups["loadbalancer"]:
        found["loadbalancer"] = _balancer(inventory, settings)
    return found


def _node(inventory: Inventory, host: str, service: str) -> list[str]:
    settings = inventory.variables[host]
    return [
        *(f"container {node.name}" for node in inventory.nodes(service) if node.host == host),
        f"image {reference(settings['registry'], IMAGES[service], settings['version'])}",
        *(f"network {name}" for name in (inventory.name, *inventory.joined_networks(host))),
        *(f"volume {name}" for name in _volumes(settings)),
        f"file {inventory.record(host, service)}",
        *map("file {}".format, inventory.database_authority(host)),
        *([f"file {inventory.certificate_authority(host)}"] if service == "webapp" else []),
    ]


def _volumes(settings: t.Mapping[str, t.Any]) -> list[str]:
    """The named volumes of a node; that of the media may have either of two names."""
    media = [] if settings["media_path"] else [settings["media_volume"], settings.get("media_volume_before")]
    return [name for name in (*media, settings.get("data_volume")) if name and not name.startswith("/")]


def _share(inventory: Inventory, host: str) -> list[str]:
    """The mount, as far as role media makes it, and the file by which Docker waits for it."""
    points = inventory.mount_points(host)
    made = [*map("mount {}".format, points), "file /etc/fstab"] if inventory.variables[host].get("media_source") else []
    return [*made, *(f"file {inventory.boot_file}" for _point in points)]


def _database(name: str, settings: t.Mapping[str, t.Any]) -> list[str]:
    volume = settings["database_volume"]
    return [
        f"container {database_container(name)}",
        f"image {settings['database_images'][settings['database_engine']]}",
        f"network {name}",
        *([] if volume.startswith("/") else [f"volume {volume}"]),
    ]


def _tls(inventory: Inventory, host: str) -> list[str]:
    """The files of role database's own CA and of the certificate that it signed."""
    directory = inventory.variables[host]["directory"]
    made = ("database-ca.pem", "database-ca.key", "database-tls/server.pem", "database-tls/server.key")
    return [f"file {directory}/{name}" for name in made] if "database" in inventory.self_made(host) else []


def _balancer(inventory: Inventory, settings: t.Mapping[str, t.Any]) -> list[str]:
    directory = f"{settings['directory']}/loadbalancer"
    certificates = ("certificate.pem", "self-made.pem", "self-made.pem.key")
    return [
        *(f"file {directory}/{name}" for name in ("haproxy.cfg", "webapp-ca.pem", *certificates, "not-reloaded")),
        f"file {inventory.balancer_unit()}",
        f"unit {inventory.balancer_name}.service",
        "file /usr/sbin/haproxy",
    ]


def balanced(inventory: Inventory) -> list[dict[str, t.Any]]:
    """The webapps as the balancers serve them."""
    return [
        {"name": f"{node.host}-{node.name}", "address": inventory.address(node.host), "port": node.ports[0]}
        for node in inventory.nodes("webapp")
    ]
