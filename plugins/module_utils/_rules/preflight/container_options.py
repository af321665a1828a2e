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
# Where the containers have their own volumes; those of both kinds of server count, as no one means the other's.
MOUNTED = {
    "extra_volumes": ("/usr/local/wamedia",),
    "database_extra_volumes": (
        *("/var/lib/mysql", "/var/lib/postgresql/data", "/var/run/mysqld", "/var/run/postgresql"),
    ),
}


def environment(inventory: Inventory) -> t.Iterator[Finding]:
    """A container that is told of another database or role is not the node that every check takes it for."""
    for host, settings in inventory.variables.items():
        for key in ENVIRONMENTS:
            for name in sorted(RESERVED.keys() & (settings.get(key) or {}).keys()):
                told = RESERVED[name]
                remedy = f"Set {told} instead." if told else "Remove it; the roles set it for each service."
                yield Finding(host, f"sets {name}.", remedy, variable=f"wabiz_{key}")


def mounts(inventory: Inventory) -> t.Iterator[Finding]:
    """Docker refuses a second volume for a directory, after the old container was removed."""
    for host, settings in inventory.variables.items():
        for key, own in MOUNTED.items():
            tls = database_tls.environment(settings).values() if key == "extra_volumes" else ()
            given = (os.path.normpath(volume.split(":")[1]) for volume in settings.get(key) or [])
            targets = Counter([*own, *tls, *given])
            for target in (target for target, count in targets.items() if count > 1):
                yield Finding(
                    host,
                    f"mounts {target}, where the container has a volume already.",
                    "Remove it, or choose another directory of the container.",
                    variable=f"wabiz_{key}",
                )
