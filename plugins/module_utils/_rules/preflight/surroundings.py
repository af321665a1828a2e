# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has to offer: disk, images, and names that its containers can look up."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.holdings import Holdings, kinds
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import is_movable, registry_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.registry_answers import cause
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import needs_engine
from ansible_collections.wabiz.onprem.plugins.module_utils._model.unchecked import is_unchecked
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.host_faults import little_room
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.inventory_faults import registry_remedy


def disk(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """There is room for images."""
    if needs_engine(inventory.services(host)):
        yield from little_room(host, report["disk_free"], "for Docker", inventory.disk_limit(host))


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
            fatal=not is_unchecked(reason),
            variable="wabiz_database_host" if database else "wabiz_external_hostname",
        )


def elsewhere(inventory: Inventory, found: Holdings) -> frozenset[str]:
    """The images that come from a host that has them, where that is a source and the hosts agree."""
    if "hosts" not in (inventory.value("image_sources") or ()):
        return frozenset()
    there = {image for report in found.reports.values() for image in report.get("image_facts") or {}}
    return frozenset(image for image in there if is_movable(image) and len(kinds(found.fit(image))) == 1)


def images(
    inventory: Inventory, host: str, report: dict[str, t.Any], held: t.Collection[str] = ()
) -> t.Iterator[Finding]:
    """The images are on the host, in the registry, or on a host that they are copied from (C(held))."""
    archive = inventory.value("image_archive") and "archive" in (inventory.value("image_sources") or ())
    for image, where in report["images"].items():
        if where in ("local", "registry") or image in held:
            continue
        # A pull may get it nevertheless.
        unknown = is_unchecked(where)
        registry, settings = registry_of(image), inventory.variables[host]
        user = settings.get("registry_user") if registry == settings.get("registry_host") else None
        yield Finding(
            host,
            f"image {image} {where}." if unknown else f"image {image} is not available: {where}.",
            registry_remedy(cause(where), registry, user)
            or "Check wabiz_registry and wabiz_version, and that the hosts reach the registry.",
            # What is in the archive is only read when images are brought.
            fatal=not (unknown or archive),
        )
