# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(wabiz.onprem.host_info) is asked about a host."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_dump import names_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import parts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.packages import SERVICES


def asked(inventory: Inventory, host: str) -> dict[str, t.Any]:
    """All that any verb needs to know, so that one survey is enough."""
    settings = inventory.variables[host]
    socket = inventory.balancer_socket(host)
    address = settings.get("published_address") if host in inventory.node_hosts else None
    return {
        "config_directories": list(dict.fromkeys([settings["config_directory"], "/etc/wabiz"])),
        "images": list(inventory.wanted_images(host)),
        "ports": [port for node in inventory.claimants() if node.host == host for port in node.claimed],
        "paths": inventory.mount_points(host),
        "files": inventory.files(host),
        "records": [*inventory.log_cleanup(host).values(), *inventory.restore_note(host)],
        "services": settings.get("engine_services") or list(SERVICES),
        "certificates": [path for paths in inventory.presented(host).values() for path in paths],
        "connect": _connect(inventory, host),
        "resolve": inventory.names(host),
        # Another inventory may have another webapp's host first, and its lock there.
        **({"lock_path": inventory.lock} if host in (inventory.keeper, *inventory.groups["webapp"]) else {}),
        **({"balancer_socket": socket} if socket else {}),
        **({"addresses": [address]} if address else {}),
        "parts": parts.resources(inventory, host),
        **({"programs": [*names_of(settings["database_engine"]), "openssl"]} if settings.get("dumps") else {}),
        **({"media_path": inventory.media(host)[0]} if inventory.media(host) else {}),
        "spaces": list(filter(None, [settings.get("images_directory")])),
        "stamp": inventory.stamp(host),
        **(_certificate_authority(inventory, host) if host in inventory.groups["webapp"] else {}),
    }


def _certificate_authority(inventory: Inventory, host: str) -> dict[str, t.Any]:
    """The webapps' own CA certificate, and our copy of it: the client may make a new one."""
    own = [node.name for node in inventory.nodes("webapp") if node.host == host]
    where = {"ca_of": {"container": own[0]}} if own else {}
    return {**where, "file_digests": [inventory.certificate_authority(host)]}


def _connect(inventory: Inventory, host: str) -> list[str]:
    """The database server, unless role database is going to start it."""
    settings = inventory.variables[host]
    if inventory.groups["database"] or host not in inventory.node_hosts or not settings.get("database_host"):
        return []
    return [f"{settings['database_host']}:{settings['database_port']}"]
