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
# Hosts of nodes keep the CA of the database's server.
_OF_HOST = ["cluster.json", "converged.json", "database-ca.pem"]
# Where a run that ended early was, and when messages were removed: of the whole cluster, though on one host.
_OF_CLUSTER = ["upgrade.json", "heartbeat.yml", "rotation.json", "secrets.json", "message-gc.stamp"]
# The program that cron starts, and the result of its last run. They go together with the schedule, which is elsewhere.
_OF_CLEANUP = ["log-cleanup.sh", "log-cleanup.json", "log-cleanup.json.new"]
# For an analysis or a rollback; kept when the cluster is removed, unless its data are removed too.
_SAVED = ["settings-*.json", "failed-*.log", "dbupgrade-*.log", "database-restore.json"]


def own_files() -> dict[str, list[str]]:
    """By service, those of a host (C(host)), all (C(configuration)), and what outlives the cluster (C(saved))."""
    host = [name for names in (*_OF_SERVICE.values(), _OF_HOST) for name in names]
    return {**_OF_SERVICE, "host": host, "configuration": [*host, *_OF_CLUSTER, *_OF_CLEANUP], "saved": _SAVED}
