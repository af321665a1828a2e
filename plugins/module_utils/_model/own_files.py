# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that the collection writes into a cluster's directory on a host, by name. No I/O."""

from __future__ import annotations

# What belongs to one service; a webapp that is drained has a file while it is.
_OF_SERVICE = {
    "webapp": ["webapp.yml", "webapp-ca.pem", "*.drained"],
    "master": ["master.yml"],
    "coreapp": ["coreapp.yml"],
    # The sockets of its server, and its certificate with the CA's key.
    "database": ["database-socket/**", "database-tls/*", "database-ca.key"],
}
_OF_HOST = ["cluster.json", "converged.json", "upgrade.json", "heartbeat.yml", "rotation.json", "secrets.json"]
# Hosts of nodes keep the CA of the database's server.
_OF_HOST += ["database-ca.pem", "message-gc.stamp"]
# The program that cron starts, and the result of its last run.
_OF_HOST += ["log-cleanup.sh", "log-cleanup.json", "log-cleanup.json.new"]
# For an analysis or a rollback; kept when the cluster is removed, unless its data are removed too.
_SAVED = ["settings-*.json", "failed-*.log", "dbupgrade-*.log", "database-restore.json"]


def own_files() -> dict[str, list[str]]:
    """By service, in all (C(configuration)), and those that outlive the cluster (C(saved))."""
    configuration = [name for names in (*_OF_SERVICE.values(), _OF_HOST) for name in names]
    return {**_OF_SERVICE, "configuration": configuration, "saved": _SAVED}
