# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that are missing, or do not go with each other."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.cron import longest_pause
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

# Characters of a user's name.
_MYSQL_NAME = 32
# What the container that upgrades the schema is given; the first one that has a value says what counts.
_SCHEMA_ENVIRONMENTS = ("dbupgrade_env", "container_options", "extra_env")
# The client's documents name FALSE alone; what it makes of the others shows only after it has run for hours.
_NEGATIONS = ("false", "f", "no", "n", "off", "0")


def required(inventory: Inventory) -> t.Iterator[Finding]:
    """What must be given for the whole cluster is given for one host at least."""
    for key in inventory.required:
        if inventory.value(key) is None:
            yield Finding(f"variable wabiz_{key}", "is not set.", "Set it for all hosts of the cluster.")


def differing(inventory: Inventory) -> t.Iterator[Finding]:
    """What must be the same everywhere is."""
    for key, shown in inventory.same.items():
        hosts_by_value: dict[str, list[str]] = {}
        for host in inventory.hosts:
            value = inventory.variables[host].get(key)
            if value is not None or host in inventory.node_hosts:
                hosts_by_value.setdefault(str(value), []).append(host)
        if len(hosts_by_value) > 1:
            parts = [
                f"{value if shown else f'value {number}'} on {', '.join(hosts)}"
                for number, (value, hosts) in enumerate(hosts_by_value.items(), 1)
            ]
            yield Finding(
                f"variable wabiz_{key}",
                f"differs between hosts of one cluster: {'; '.join(parts)}.",
                "Set it once, for all hosts.",
            )


def volumes_of_another(inventory: Inventory) -> t.Iterator[Finding]:
    """Data are removed by the cluster's name, so that nothing else than the name says so."""
    named = inventory.value("uninstall_volumes")
    if named is not None and named != inventory.name:
        yield Finding(
            "variable wabiz_uninstall_volumes",
            f"is {named}, the cluster is {inventory.name}.",
            "Write the cluster's name to remove its data, or omit it to keep them.",
        )


def jwt_key(inventory: Inventory) -> t.Iterator[Finding]:
    """Several webapps sign their tokens with one key."""
    given = inventory.value("jwt_key") or "wabiz_jwt_key" in inventory.faulty
    if len(inventory.nodes("webapp")) > 1 and not given:
        yield Finding(
            "variable wabiz_jwt_key",
            "is not set, so a token of one webapp may be refused by the next.",
            "Set 64 random characters for all webapps.",
            fatal=False,
        )


def root_password(inventory: Inventory) -> t.Iterator[Finding]:
    """The administrator of a server that role database runs has a password."""
    faulty = "wabiz_database_root_password" in inventory.faulty
    for host in inventory.groups.get("database", []):
        if not faulty and not inventory.variables[host].get("database_root_password"):
            yield Finding(
                host,
                "is required, as role database runs a server here.",
                "Set it, or remove the host from group database if the server is not managed here.",
                variable="wabiz_database_root_password",
            )


def database_administrator(inventory: Inventory) -> t.Iterator[Finding]:
    """The administrator of a server of the site has a password."""
    name = "wabiz_database_admin_password"
    given = inventory.value("database_admin_password") is not None or name in inventory.faulty
    if inventory.value("database_admin_user") is not None and not given:
        yield Finding(f"variable {name}", "is not set, but wabiz_database_admin_user is.", "Set both or none.")


def administrators_password(inventory: Inventory) -> t.Iterator[Finding]:
    """MySQL's administrator logs in by a driver that knows no other text."""
    if inventory.value("database_engine") != "mysql":
        return
    servers = inventory.groups.get("database", [])
    given = {
        (host, "database_root_password"): inventory.variables[host].get("database_root_password") for host in servers
    }
    if not servers:
        given["", "database_admin_password"] = inventory.value("database_admin_password")
    for (host, name), password in given.items():
        if not str(password or "").isascii():
            problem = "has characters that Python's driver for MySQL cannot log in with."
            yield Finding(host, problem, "Use letters, digits and punctuation of ASCII.", variable=f"wabiz_{name}")


def long_user(inventory: Inventory) -> t.Iterator[Finding]:
    """MySQL knows shorter names than PostgreSQL."""
    user = str(inventory.value("database_user") or "")
    if inventory.value("database_engine") == "mysql" and len(user) > _MYSQL_NAME:
        problem = f"has {len(user)} characters; a user of MySQL has {_MYSQL_NAME} at most."
        yield Finding("", problem, "Choose a shorter name.", variable="wabiz_database_user")


def endless(inventory: Inventory) -> t.Iterator[Finding]:
    """A container that stays after the schema is upgraded has no exit code to wait for."""
    for host in inventory.groups.get("coreapp", []):
        there = {key: inventory.variables[host].get(key) or {} for key in _SCHEMA_ENVIRONMENTS}
        there["container_options"] = there["container_options"].get("env") or {}
        given = {key: environment.get("EXIT_ON_SUCCESS") for key, environment in there.items()}
        holder = next((key for key, value in given.items() if value is not None), "")
        if str(given.get(holder, "")).strip().lower() in _NEGATIONS:
            yield Finding(
                host,
                f"has EXIT_ON_SUCCESS={given[holder]}: the container that upgrades the schema would never exit.",
                "Remove it; it is for orchestrators that restart containers.",
                variable=f"wabiz_{holder}",
            )


def never_cleaned(inventory: Inventory) -> t.Iterator[Finding]:
    """A day that no month has is right in each field, and cron never comes to it."""
    for host, settings in inventory.variables.items():
        schedule = settings.get("log_cleanup_schedule")
        if schedule and settings.get("log_cleanup_state") == "present" and longest_pause(schedule) is None:
            yield Finding(
                host,
                f"names a day that never comes: day {schedule['day']} of month {schedule['month']}.",
                "Correct it, or set wabiz_log_cleanup_state: absent.",
                variable="wabiz_log_cleanup_schedule",
            )


def balancer(inventory: Inventory) -> t.Iterator[Finding]:
    """Tasks for a balancer of the site come in pairs, or a webapp that was drained would stay so."""
    hooks = ("drain_tasks", "restore_tasks")
    missing = [key for key in hooks if not inventory.value(key)]
    if len(missing) == 1:
        yield Finding(f"variable wabiz_{missing[0]}", "is not set, but its counterpart is.", "Set both or none.")


def registry_login(inventory: Inventory) -> t.Iterator[Finding]:
    """A user of the registry has a password; a password alone is used by no one."""
    name = "wabiz_registry_password"
    for host, settings in inventory.variables.items():
        given = settings.get("registry_password") is not None or name in inventory.faulty
        if settings.get("registry_user") is not None and not given:
            yield Finding(host, "is not set, but wabiz_registry_user is.", "Set both or none.", variable=name)
