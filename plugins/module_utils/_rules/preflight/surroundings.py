# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has to offer: engine, disk, images, mounts, and what it reaches."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def engine(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Neither gives containers the ports and addresses that the client is told of."""
    names = {"podman": "Podman", "rootless": "Docker without root's rights"}
    kind = report["engine"].get("kind", "")
    if kind in names:
        yield Finding(
            host,
            f"the engine behind Docker's socket is {names[kind]}, which this collection does not support.",
            "Install Docker Engine on this host, or take the host out of the inventory.",
        )


def disk(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """There is room for images."""
    limits = {key: inventory.value(key) for key in ("upgrade_minimum_disk_gb", "minimum_disk_gb")}
    # An upgrade's own limit is read by upgrade.yml alone, and counts there.
    key = next((key for key, limit in limits.items() if limit is not None), "")
    least = float(limits.get(key) or 0)
    free = report["disk_free"] / 1e9
    if free < least:
        yield Finding(host, f"has {free:.1f} GB free for Docker.", f"Make room: wabiz_{key} asks for {least:g}.")


def connections(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """The host reaches the database server of others."""
    for address, error in report["connections"].items():
        if error:
            yield Finding(
                host,
                f"cannot reach the database at {address}: {error}.",
                "Check wabiz_database_host, wabiz_database_port and the firewall between them.",
            )


def names(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Nodes would start and wait for a name that only the host around them can look up."""
    for name, reason in report["names"].items():
        if not reason:
            continue
        owners = [other for other in inventory.node_hosts if inventory.address(other) == name]
        database = inventory.variables[host].get("database_host") == name
        yield Finding(
            host,
            f"is {name}, which {reason}." if database else f"of {', '.join(owners)} is {name}, which {reason}.",
            "Enter the name in DNS, write an address instead, or give it to the containers with wabiz_extra_hosts.",
            fatal=not reason.startswith("cannot be checked"),
            variable="wabiz_database_host" if database else "wabiz_external_hostname",
        )


def mounts(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """A share that somebody else mounts is mounted."""
    for path, mounted in report["mounts"].items():
        if not mounted:
            yield Finding(
                host,
                f"wabiz_media_path {path} is not a mount point; media would fill the local disk and stay on this host.",
                "Mount the share, set wabiz_media_source so that role media mounts it, "
                "or set wabiz_media_require_mount: false.",
            )


def images(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """The images are on the host or in the registry."""
    for image, where in report["images"].items():
        if where in ("local", "registry"):
            continue
        # The engine asks the registry without the credentials that a pull would have.
        unknown = where.startswith("cannot be checked")
        yield Finding(
            host,
            f"image {image} {where}." if unknown else f"image {image} is not available: {where}.",
            "Check wabiz_registry and wabiz_version, and that the hosts trust the registry.",
            fatal=not unknown,
        )
