# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks are told about the inventory: plain data, under names of our own."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.cron import longest_pause
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.own_files import own_files
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import parts, survey


def topology(inventory: Inventory) -> dict[str, t.Any]:
    """Groups under our own names, services by host, nodes with their ports, and what each host is asked."""
    hosts = inventory.hosts
    return {
        "cluster": inventory.name,
        "unique_name": inventory.unique_name,
        # Everything that outlives a run is on the first webapp's host; the lock, which need not, ends with a reboot.
        "keeper": inventory.keeper,
        "lock": inventory.lock,
        "login": inventory.login,
        "external_database": inventory.administers_database,
        "waiting": inventory.waiting,
        "number": inventory.number(),
        "groups": inventory.groups,
        "services": {host: inventory.services(host) for host in hosts},
        "membership": [{"host": host, "groups": _our_groups(inventory, host)} for host in hosts],
        "counts": {service: len(inventory.nodes(service)) for service in SERVICES},
        "nodes": [
            {
                "host": node.host,
                "service": node.service,
                "name": node.name,
                "address": inventory.address(node.host),
                "zone": inventory.zone(node.host),
                "port": node.ports[0],
                "ports": list(node.ports),
                "further": list(node.further),
            }
            for node in inventory.all_nodes()
        ],
        "own_database": _own_database(inventory),
        "database_server": inventory.database_server,
        "balancers": [
            {"host": balancer.host, "address": inventory.address(balancer.host), "port": balancer.ports[0]}
            for balancer in inventory.balancers()
        ],
        "balanced": parts.balanced(inventory),
        "addresses": {host: inventory.address(host) for host in hosts},
        "published": {host: inventory.variables[host].get("published_address") or "" for host in inventory.node_hosts},
        "own_files": own_files(),
        "images": {host: inventory.images(host) for host in hosts},
        "wanted_images": {host: inventory.wanted_images(host) for host in hosts},
        "collected_logs": inventory.collected_logs,
        "passing": {host: inventory.passing(host) for host in hosts},
        "dumps": {host: inventory.variables[host]["dumps"] for host in hosts if inventory.variables[host].get("dumps")},
        "stale": {host: inventory.stale_records(host) for host in hosts},
        "parts": {host: parts.resources(inventory, host) for host in hosts},
        "survey": {host: survey.asked(inventory, host) for host in hosts},
        "presented": {host: inventory.presented(host) for host in hosts},
        "unfinished": {host: inventory.unfinished(host) for host in hosts},
        "drained": {host: inventory.drained(host) for host in inventory.groups["webapp"]},
        "retired": {host: inventory.retired(host) for host in inventory.groups["retired"]},
        "log_cleanup": {host: _log_cleanup(inventory, host) for host in inventory.node_hosts},
        "media": {host: inventory.media(host) for host in hosts},
        "media_settings": {host: inventory.media_settings(host) for host in inventory.node_hosts},
        "mount_points": {host: inventory.mount_points(host) for host in hosts},
        "disk_limits": {host: list(inventory.disk_limit(host)) for host in hosts},
        "boot_file": inventory.boot_file,
        "saved_files": {host: inventory.saved_files(host) for host in hosts},
        "balancer_socket": {host: inventory.balancer_socket(host) for host in hosts},
        "endpoints": [
            f"https://{inventory.variables[webapp.host]['url_host']}:{webapp.ports[0]}"
            for webapp in inventory.nodes("webapp")
        ],
    }


def _log_cleanup(inventory: Inventory, host: str) -> dict[str, t.Any]:
    """The files of the job, and the most days between two runs; None where that was not read or no job is wanted."""
    settings = inventory.variables[host]
    wanted = settings.get("log_cleanup_state") == "present" and settings.get("log_cleanup_schedule")
    return {**inventory.log_cleanup(host), "pause_days": longest_pause(wanted) if wanted else None}


def _own_database(inventory: Inventory) -> list[dict[str, t.Any]]:
    """The server that role database runs, as nodes reach it; nothing for a playbook that does not read both."""
    address, port = inventory.value("database_host"), inventory.value("database_port")
    return [
        {
            "host": host,
            "address": address,
            "port": port,
            "published": inventory.variables[host].get("database_published_address") or "",
        }
        for host in inventory.groups["database"][:1]
        if address and port
    ]


def _our_groups(inventory: Inventory, host: str) -> list[str]:
    """The groups of our own names for a host, so that a site's group names matter nowhere else."""
    node = ["wabiz_node"] if host in inventory.node_hosts else []
    return ["wabiz_host", *map("wabiz_{}".format, inventory.services(host)), *node]
