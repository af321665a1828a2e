# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site adds to the containers must not take the place of what they are made of."""

from __future__ import annotations

import os
import typing as t
from collections import Counter

from ansible_collections.wabiz.onprem.plugins.module_utils._model import database_tls
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

ENVIRONMENTS = ("extra_env", "webapp_extra_env", "master_extra_env", "coreapp_extra_env")
# By the name in a container's environment, the variable that says it; none where nothing else is possible.
RESERVED = {
    "WA_DB_ENGINE": "wabiz_database_engine",
    "WA_DB_HOSTNAME": "wabiz_database_host",
    "WA_DB_PORT": "wabiz_database_port",
    "WA_DB_USERNAME": "wabiz_database_user",
    "WA_DB_PASSWORD": "wabiz_database_password",
    "WA_DB_NAME_PREFIX": "wabiz_database_prefix",
    "WA_DB_SSL_CA": "wabiz_database_tls_ca",
    "WA_DB_SSL_CERT": "wabiz_database_tls_certificate",
    "WA_DB_SSL_KEY": "wabiz_database_tls_key",
    "WA_SECRET": "wabiz_secret",
    "WA_API_KEY": "wabiz_api_key",
    "WA_WEB_JWT_CRYPTO_KEY": "wabiz_jwt_key",
    "WEBAPP_HOSTNAME": "wabiz_external_hostname",
    "COREAPP_HOSTNAME": "wabiz_external_hostname",
    "WEBAPP_EXTERNAL_PORTS": "wabiz_webapp_port",
    "COREAPP_EXTERNAL_PORTS": "wabiz_coreapp_port or wabiz_master_port",
    **dict.fromkeys(("WA_APP_MULTICONNECT", "WA_MASTER_NODE", "WA_DB_UPGRADE"), ""),
}
# Options in wabiz_container_options that would make another container of it; the variable that says it, or none.
OWNED = {
    "image": "wabiz_registry and wabiz_version",
    "networks": "wabiz_networks",
    "network_mode": "wabiz_networks",
    "env_file": "wabiz_extra_env",
    # With these the engine, or the module, would not leave the container running.
    **dict.fromkeys(("detach", "auto_remove"), ""),
}
OPTIONS = ("container_options", "webapp_container_options", "master_container_options", "coreapp_container_options")
# Where the database's container has its own volumes; those of both kinds of server count, as no one means the other's.
_SERVER = ("/var/lib/mysql", "/var/lib/postgresql/data", "/var/run/mysqld", "/var/run/postgresql")


def environment(inventory: Inventory) -> t.Iterator[Finding]:
    """A container that is told of another database or role is not the node that every check takes it for."""
    for host, settings in inventory.variables.items():
        tls = database_tls.environment(settings)
        given = {key: settings.get(key) or {} for key in ENVIRONMENTS}
        given |= {key: (settings.get(key) or {}).get("env") or {} for key in OPTIONS}
        for key, names in given.items():
            for name in sorted(RESERVED.keys() & names.keys()):
                if name in database_tls.PLACES and name not in tls and names[name] == "":
                    continue  # no TLS, as the vendor's template says it
                told = RESERVED[name]
                remedy = f"Set {told} instead." if told else "Remove it; the roles set it for each service."
                yield Finding(host, f"sets {name}.", remedy, variable=f"wabiz_{key}")


def options(inventory: Inventory) -> t.Iterator[Finding]:
    """What makes a container one of the cluster's is not a site's to change."""
    for host, settings in inventory.variables.items():
        for key in OPTIONS:
            given = settings.get(key) or {}
            marks = sorted(name for name in given.get("labels") or {} if name.startswith("org.wabiz."))
            for name in [*sorted(OWNED.keys() & given.keys()), *(f"label {mark}" for mark in marks)]:
                told = OWNED.get(name)
                remedy = f"Set {told} instead." if told else "Remove it; the roles decide it."
                yield Finding(host, f"has {name}.", remedy, variable=f"wabiz_{key}")


def mounts(inventory: Inventory) -> t.Iterator[Finding]:
    """Docker refuses a second volume for a directory, after the old container was removed."""
    for host, settings in inventory.variables.items():
        for key, own in (("extra_volumes", _own_mounts(settings)), ("database_extra_volumes", _SERVER)):
            volumes = [volume.split(":")[1] for volume in settings.get(key) or []]
            yield from _twice(host, key, [*own, *volumes])
        for key in OPTIONS:
            given = settings.get(key) or {}
            volumes = [volume.split(":")[1] for volume in given.get("volumes") or [] if ":" in volume]
            targets = [*volumes, *(mount["target"] for mount in given.get("mounts") or [])]
            own = [*_own_mounts(settings), *(volume.split(":")[1] for volume in settings.get("extra_volumes") or [])]
            if targets:
                yield from _twice(host, key, [*own, *targets])


def _own_mounts(settings: t.Mapping[str, t.Any]) -> list[str]:
    """Where the client's containers have the volumes that variables of their own name."""
    named = {"data_volume": "/usr/local/waent/data", "certificates_path": "/opt/certs"}
    tls = database_tls.environment(settings).values()
    return ["/usr/local/wamedia", *(place for key, place in named.items() if settings.get(key)), *tls]


def _twice(host: str, key: str, targets: list[str]) -> t.Iterator[Finding]:
    for target, count in Counter(map(os.path.normpath, targets)).items():
        if count > 1:
            yield Finding(
                host,
                f"mounts {target}, where the container has a volume already.",
                "Remove it, or choose another directory of the container.",
                variable=f"wabiz_{key}",
            )
