# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the containers on a host are: ours, of others, or a second client."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import word_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import is_client
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.labels import whose
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import database_container
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def uninspected(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """What could not be read was not judged: it may be a second client, or use another database."""
    for container in report["containers"]:
        if container["error"]:
            yield Finding(
                host,
                f"container {container['name']} cannot be inspected: {container['error']}.",
                f"Check it: docker inspect {container['name']}",
            )


def no_webapp(inventory: Inventory, reports: t.Mapping[str, dict[str, t.Any]]) -> t.Iterator[Finding]:
    """The API is asked through a webapp; none was ever started, as far as every host of one tells."""
    webapps = inventory.nodes("webapp")
    if not all("engine" in reports.get(node.host, {}) for node in webapps):
        return
    if not any(
        container["name"] == node.name and inventory.owns(container)
        for node in webapps
        for container in reports[node.host]["containers"]
    ):
        yield Finding("", "No webapp of the cluster exists, so the API cannot be asked.", "Run site.yml first.")


def foreign_names(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """What lacks the cluster's label is never replaced or removed, so its name has to be free."""
    names = {node.name for node in inventory.all_nodes() if node.host == host}
    if host in inventory.groups.get("database", []):
        names.add(database_container(inventory.name))
    for container in report["containers"]:
        if container["name"] in names and not inventory.owns(container):
            owner = whose(container["cluster"], inventory.name)
            yield Finding(
                host,
                f"container {container['name']} has the name of one of the cluster's containers and {owner}.",
                "Rename or remove it, or choose another wabiz_cluster_name.",
            )


def other_clients(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """A client without our label, recognised by what it runs and is told, not by the name of its image."""
    for container in report["containers"]:
        kind = container["client"] or ("single" if is_client(container["image"]) else "")
        active = container["running"] or container["starts_at_boot"]
        if container["cluster"] or not kind or not active:
            continue
        name = container["name"]
        what = "a single instance" if kind == "single" else "part of another installation"
        state = "runs" if container["running"] else "is stopped, but Docker starts it at the next boot"
        stop = f"docker stop {name} && " if container["running"] else ""
        yield Finding(
            host,
            f"container {name} ({container['image']}) is {what} of the client and {state}; "
            "two clients with one number get the number banned.",
            f"Stop it permanently first: {stop}docker update --restart=no {name}",
        )


def same_number(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """No other cluster on the host has the phone number."""
    number = inventory.number()
    there = {container["cluster"] for container in report["containers"]}
    for other in report["clusters"]:
        if other["cluster"] != inventory.name and other["cluster"] in there and number and other["number"] == number:
            yield Finding(
                host,
                f"runs cluster {other['cluster']} with the same phone number, {number}; "
                "two clients with one number get the number banned.",
                "Correct wabiz_phone_cc and wabiz_phone_number, or uninstall the other cluster first.",
            )


def same_database(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """No other cluster on the host has its tables where this one has them."""
    settings = inventory.variables[host]
    wanted = {key: settings.get(f"database_{key}") for key in ("host", "port", "prefix")}
    if None in wanted.values():
        return
    others = {
        container["cluster"]
        for container in report["containers"]
        if container["cluster"] not in ("", inventory.name)
        and container["database"]
        and all(str(container["database"].get(key)) == str(value) for key, value in wanted.items())
    }
    prefix = word_of(str(wanted["prefix"]))
    for other in sorted(others):
        yield Finding(
            host,
            f"is {prefix}, which cluster {other} on this host has on the same server, {wanted['host']}.",
            "Choose another prefix: two clusters in the same tables are two clients with one number.",
            variable="wabiz_database_prefix",
        )


def versions(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """What runs has the version of the inventory."""
    wanted = inventory.value("version")
    if wanted is None:  # who runs no client does not ask for its version
        return
    for container in report["containers"]:
        if inventory.owns(container) and container["node"]:
            running = container["version"]
            if not running:
                yield Finding(
                    host,
                    f"container {container['name']} has the cluster's label, but none that says which version it runs.",
                    "This collection did not make it: remove it, then site.yml makes what the inventory names.",
                )
            elif running != wanted:
                yield Finding(
                    host,
                    f"container {container['name']} runs version {running}, wabiz_version is {wanted}; "
                    "site.yml does not change the version of a live cluster, whose database must be upgraded with it.",
                    f"Run playbook upgrade.yml, or set wabiz_version to {running}.",
                )
