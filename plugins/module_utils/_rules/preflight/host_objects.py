# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site says that a host has for the containers: an address, networks, a directory with certificates.

Docker would fail, or make an empty directory, after the old container was removed.
"""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import media_volume
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import database_container
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

# As the vendor's files name them.
_VENDORS = ("whatsappMedia", "whatsappData")


def address(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """The address on which ports are published is the host's."""
    for name, problem in (report.get("addresses") or {}).items():
        if problem:
            yield Finding(
                host,
                f"is {name}, which is no address of the host: {problem}.",
                "Write one that ip address shows there, for this host alone.",
                variable="wabiz_published_address",
            )


def networks(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Networks of the site are there, and the cluster's own has the subnets that it was made with."""
    there = {network["name"]: network for network in report.get("networks") or []}
    for name in inventory.joined_networks(host) if host in inventory.node_hosts else []:
        if name not in there:
            yield Finding(
                host,
                f"names {name}, a network that does not exist on the host.",
                f"Create it (docker network create {name}), or remove it from the list.",
                variable="wabiz_networks",
            )
    wanted = sorted(inventory.variables[host].get("network_subnets") or [])
    found = sorted((there.get(inventory.name) or {}).get("subnets") or [])
    if wanted and found and wanted != found:
        yield Finding(
            host,
            f"is {', '.join(wanted)}, network {inventory.name} exists with {', '.join(found)} and is used as it is.",
            "Write its subnets, or uninstall the cluster from the host, and run site.yml again.",
            fatal=False,
            variable="wabiz_network_subnets",
        )


def volumes(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """No other cluster on the host has its media or data where this one is told to have them."""
    settings = inventory.variables[host]
    if host not in inventory.node_hosts or "media_volume" not in settings:
        return
    named = {"data_volume": str(settings.get("data_volume") or "")}
    if not settings.get("media_path"):
        named["media_volume"] = media_volume(settings, report)
    for key, volume in named.items():
        marked = {one["cluster"] for one in report.get("volumes") or [] if one["name"] == volume}
        users = {one["cluster"] for one in report["containers"] if volume in (one.get("volumes") or ())}
        for other in sorted((marked | users) - {"", inventory.name}):
            yield Finding(
                host,
                f"is {volume}, a volume of cluster {other} on this host.",
                "Choose another name: each cluster has files of its own.",
                variable=f"wabiz_{key}",
            )


def misnamed_volumes(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Docker makes a volume that does not exist, an empty one. Compose puts the project's name before each."""
    settings = inventory.variables[host]
    if host not in inventory.node_hosts:
        return
    there = {one["name"]: one for one in report.get("volumes") or []}
    clients = {name for one in report["containers"] if one["client"] for name in one.get("volumes") or ()}
    for key, name in _given_volumes(settings):
        alike = sorted(one for one in there if one.endswith(f"_{name}"))
        if name in there or not alike:
            continue
        yield Finding(
            host,
            f"is {name}, which does not exist on the host; {' and '.join(alike)} {'do' if len(alike) > 1 else 'does'}.",
            f"Write the whole name, as docker volume ls shows it. If a new one is meant: docker volume create {name}",
            # Other programs have volumes too.
            fatal=name in _VENDORS or bool(clients.intersection(alike)),
            variable=f"wabiz_{key}",
        )


def _given_volumes(settings: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, str]]:
    """Volumes that the site names as they are; not one that it describes, which is made of that description."""
    volume = str(settings.get("data_volume") or "")
    if volume and not volume.startswith("/"):
        yield "data_volume", volume
    described = any(settings.get(f"media_volume_{key}") for key in ("driver", "options"))
    # There is no earlier default where the site names the volume.
    if settings.get("media_volume_before") == "" and not (settings.get("media_path") or described):
        yield "media_volume", str(settings["media_volume"])


def server_files(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """No other container writes to the files with which role database is going to start its server.

    PostgreSQL does not notice that a server in another container has them open, and both destroy them.
    """
    place = inventory.variables[host].get("database_volume")
    if host not in inventory.groups["database"] or not place:
        return
    own = database_container(inventory.name)
    for one in report["containers"]:
        if one["name"] == own and inventory.owns(one) and one["running"]:
            return
    for one in report["containers"]:
        name, active = one["name"], one["running"] or one.get("starts_at_boot")
        if place in one.get("writes", ()) and active and not (name == own and inventory.owns(one)):
            yield Finding(
                host,
                f"is {place}, to which container {name} writes; a second server in the same files destroys them.",
                f"Choose another one, or stop it permanently first: docker stop {name} && docker update --restart=no "
                f"{name}",
                variable="wabiz_database_volume",
            )


def certificates(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Docker would give the containers an empty directory."""
    for path in inventory.certificates(host):
        if not report["files"].get(path):
            yield Finding(
                host,
                f"is {path}, which does not exist on the host.",
                "Put the certificates there first, or correct the path.",
                variable="wabiz_certificates_path",
            )
