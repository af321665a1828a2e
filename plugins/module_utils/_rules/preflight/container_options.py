# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site adds to the containers must not take the place of what they are made of."""

from __future__ import annotations

import ipaddress
import json
import os
import typing as t
from collections import Counter

from ansible.module_utils.common.text.formatters import human_to_bytes
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import is_address
from ansible_collections.wabiz.onprem.plugins.module_utils._model import database_tls
from ansible_collections.wabiz.onprem.plugins.module_utils._model.container_options import Options, merged
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import NO_PREFIX
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
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
_LEAST_MEMORY = 6 * 1024 * 1024
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
                if name == "WA_DB_NAME_PREFIX" and names[name] == "":
                    told = f"{told}: {NO_PREFIX}"  # blank means that it is not given
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
        volumes = list(map(_target, settings.get("extra_volumes") or []))
        yield from _twice(host, "extra_volumes", _own_mounts(settings), volumes)
        yield from _twice(
            host, "database_extra_volumes", _SERVER, map(_target, settings.get("database_extra_volumes") or [])
        )
        own = [*_own_mounts(settings), *volumes]
        everywhere = _places(settings.get("container_options") or {})
        yield from _twice(host, "container_options", own, everywhere.values())
        for key in OPTIONS[1:]:
            # What both say in the same words is merged.
            more = {
                entry: place for entry, place in _places(settings.get(key) or {}).items() if entry not in everywhere
            }
            yield from _twice(host, key, [*own, *everywhere.values()], more.values())


def sizes(inventory: Inventory) -> t.Iterator[Finding]:
    """Docker refuses a limit that is too small, after the old container was removed."""
    for host, service, settings, given in _by_service(inventory):
        named = {key: (settings.get(key) or {}).get(service) for key in ("memory", "memory_reservation")}
        limit, reserved = (_bytes(given.get(key) or value) for key, value in named.items())
        if limit and limit < max(reserved, _LEAST_MEMORY):
            what = "the reservation" if reserved > limit else "the 6 MB that Docker demands"
            yield Finding(
                host,
                f"limits a {service} to less than {what}.",
                "Raise it, or leave it out: then it is not limited.",
                variable="wabiz_memory",
            )


def restarts(inventory: Inventory) -> t.Iterator[Finding]:
    """Docker refuses a number of restarts with another policy, after the old container was removed."""
    for host, service, settings, given in _by_service(inventory):
        policy = given.get("restart_policy") or settings.get("restart_policy")
        if given.get("restart_retries") and policy != "on-failure":
            yield Finding(
                host,
                f"has restart_retries, with which the policy {policy} of a {service} does not agree.",
                "Set wabiz_restart_policy: on-failure, or remove it.",
                variable="wabiz_container_options",
            )


def networks(inventory: Inventory) -> t.Iterator[Finding]:
    """A network is one that containers can join, and an address in it is of one of them."""
    for host in inventory.node_hosts:
        joined = inventory.variables[host].get("networks") or []
        several = sum(node.host == host for node in inventory.all_nodes()) > 1
        for name, count in Counter(network.get("name") for network in joined).items():
            if count > 1:
                yield Finding(host, f"names {name} twice.", "Remove one.", variable="wabiz_networks")
        for network in joined:
            name, more = network.get("name"), network.keys() - {"name"}
            if name in ("host", "none") or (name == "bridge" and more):
                yield Finding(
                    host,
                    f"names {name}, Docker's own network, which the containers cannot join"
                    + (f" with {', '.join(sorted(more))}." if more else " beside another."),
                    "Create a network, and name that one.",
                    variable="wabiz_networks",
                )
            fixed = [key for key in ("ipv4_address", "ipv6_address", "mac_address") if network.get(key)]
            if fixed and several:
                yield Finding(
                    host,
                    f"gives several containers one {fixed[0]} in network {network.get('name')}.",
                    "Remove it, or have one node on the host.",
                    variable="wabiz_networks",
                )


def subnets(inventory: Inventory) -> t.Iterator[Finding]:
    """The cluster's network has one subnet of each kind, without any address that its containers have to reach."""
    for host, settings in inventory.variables.items():
        given = [ipaddress.ip_network(subnet) for subnet in settings.get("network_subnets") or []]
        for version, count in Counter(subnet.version for subnet in given).items():
            if count > 1:
                yield Finding(
                    host,
                    f"has {count} subnets of IPv{version}; a network of Docker has one.",
                    "Write one of them.",
                    variable="wabiz_network_subnets",
                )
        outside = [*map(inventory.address, inventory.node_hosts), str(settings.get("database_host") or "")]
        for address in dict.fromkeys(outside) if given else ():
            for subnet in given if is_address(address) else ():
                if ipaddress.ip_address(address) in subnet:
                    yield Finding(
                        host,
                        f"is {subnet}, to which {address} belongs: the containers would look for it among themselves.",
                        "Choose a subnet that nothing else has.",
                        variable="wabiz_network_subnets",
                    )


def _by_service(inventory: Inventory) -> t.Iterator[tuple[str, str, dict[str, t.Any], Options]]:
    """Each host and service of its nodes, with the host's settings and the options that a site gives the service."""
    for service in SERVICES:
        for host in inventory.groups.get(service, []):
            settings = inventory.variables[host]
            layers = [settings.get(key) or {} for key in ("container_options", f"{service}_container_options")]
            yield host, service, settings, merged(*layers)


def _bytes(size: t.Any) -> int:
    """A size as docker_container reads it; 0 for none, and for what has a finding of its own."""
    try:
        return int(human_to_bytes(str(size))) if size else 0
    except ValueError:
        return 0


def _target(volume: str) -> str:
    """Where a container has a volume, which may have no name, and may be followed by its mode."""
    parts = volume.split(":")
    return parts[1] if len(parts) > 1 and parts[1].startswith("/") else parts[0]


def _places(options: t.Mapping[str, t.Any]) -> dict[str, str]:
    """By what is written, where a container has each volume, mount and tmpfs."""
    found = {volume: _target(volume) for volume in options.get("volumes") or []}
    found |= {entry: entry.partition(":")[0] for entry in options.get("tmpfs") or []}
    return found | {json.dumps(mount, sort_keys=True): mount["target"] for mount in options.get("mounts") or []}


def _own_mounts(settings: t.Mapping[str, t.Any]) -> list[str]:
    """Where the client's containers have the volumes that variables of their own name."""
    named = {"data_volume": "/usr/local/waent/data", "certificates_path": "/opt/certs"}
    tls = database_tls.environment(settings).values()
    return ["/usr/local/wamedia", *(place for key, place in named.items() if settings.get(key)), *tls]


def _twice(host: str, key: str, there: t.Iterable[str], given: t.Iterable[str]) -> t.Iterator[Finding]:
    """What is given a place that is there, or two of one place."""
    taken = set(map(os.path.normpath, there))
    for target, count in Counter(map(os.path.normpath, given)).items():
        if count > 1 or target in taken:
            yield Finding(
                host,
                f"mounts {target}, where the container has a volume already.",
                "Remove it, or choose another directory of the container.",
                variable=f"wabiz_{key}",
            )
