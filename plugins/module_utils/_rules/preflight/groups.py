# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of the inventory."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

# The vendor's compose services of a single instance; an inventory that still has them is of the old kind.
_SINGLE_INSTANCE_GROUPS = ("waweb", "wacore")
# A success of these is an answer by itself; the others may be a part of a larger playbook of the site.
_SAY_ALL_IS_WELL = ("preflight", "verify")
_WHOLE_HOSTS = (
    *("multiconnect", "upgrade", "rotation", "backup", "restore", "secrets", "secrets_at_once", "secrets_rolling"),
    *("secrets_balancers", "secrets_webapp", "secrets_coreapp"),
    *("touched", "locking", "unverified", "due"),
)
# What may be due on a host beside its services, see _plans/due.py.
_OTHER_PARTS = (
    *("engine", "media", "database", "loadbalancer", "log_cleanup"),
    *("number", "drained", "stale", "heartbeat"),
)


def groups(inventory: Inventory) -> t.Iterator[Finding]:
    """The site's groups are there, and none of them has a name that we give groups of our own."""
    for ours, theirs in inventory.renamed.items():
        if theirs not in inventory.all_groups:
            yield Finding(
                "variable wabiz_groups",
                f"calls group {ours} {theirs}, which the inventory does not have.",
                "Correct the name, or add the group.",
            )
    if not inventory.hosts:
        names = ", ".join(inventory.renamed.get(group, group) for group in inventory.groups)
        yield Finding("the inventory", f"has no host in any of the groups {names}.", "Add hosts, or set wabiz_groups.")
    for host in inventory.groups.get("retired", []):
        kept = [inventory.renamed.get(group, group) for group in inventory.services(host) if group != "retired"]
        if kept:
            problem = f"is in group {inventory.renamed.get('retired', 'retired')} and in {', '.join(kept)}; it is kept."
            yield Finding(host, problem, "Take it out of the groups that it is to leave.", fatal=False)
    for group, hosts in _own_groups(inventory).items():
        foreign = [host for host in inventory.all_groups.get(group, []) if host not in hosts]
        if foreign:
            yield Finding(
                ", ".join(foreign),
                f"is in a group {group}, a name that the playbooks use for hosts of the cluster.",
                "Rename that group of the inventory.",
            )


def _own_groups(inventory: Inventory) -> dict[str, list[str]]:
    """The groups into which the playbooks sort hosts, with the hosts that may be in them."""
    states = [f"{service}_{state}" for service in SERVICES for state in ("fresh", "changed", "same")]
    return {
        "wabiz_host": inventory.hosts,
        "wabiz_node": inventory.node_hosts,
        **{f"wabiz_{group}": hosts for group, hosts in inventory.groups.items()},
        **{f"wabiz_{name}": inventory.node_hosts for name in states},
        **{f"wabiz_{name}": inventory.hosts for name in _WHOLE_HOSTS},
        **{f"wabiz_due_{part}": inventory.hosts for part in (*SERVICES, *_OTHER_PARTS)},
    }


def left_out(inventory: Inventory, played: t.Collection[str], reader: str) -> t.Iterator[Finding]:
    """A run that concerns no host of the cluster succeeds, which must not be read as good news of the cluster."""
    if inventory.hosts and not set(inventory.hosts) & set(played):
        yield Finding(
            "this run",
            "concerns no host of the cluster, so nothing is looked at and nothing is done.",
            "Correct --limit (in AWX: the job's limit), or omit it.",
            fatal=reader in _SAY_ALL_IS_WELL,
        )


def without_keeper(inventory: Inventory, reader: str) -> t.Iterator[Finding]:
    """The lock, the records and the API are on a webapp's host; who only computes needs none of them."""
    if inventory.hosts and not inventory.keeper and reader != "ports":
        group = inventory.renamed.get("webapp", "webapp")
        yield Finding(
            f"group {group}",
            "has no host; the first one keeps the cluster's lock, and the API is asked there.",
            "Add the hosts of the webapps, or name their group in wabiz_groups.",
        )


def old_inventory(inventory: Inventory) -> t.Iterator[Finding]:
    """A single instance would be a second client next to the cluster."""
    for group in _SINGLE_INSTANCE_GROUPS:
        if inventory.all_groups.get(group):
            yield Finding(
                f"group {group}",
                f"names a single instance on {', '.join(inventory.all_groups[group])}.",
                "Stop and remove the single instance, then move the hosts to webapp, master and coreapp.",
            )
