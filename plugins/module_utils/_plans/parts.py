# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host consists of for site.yml, part by part, and which parts are not as they should be. No I/O."""

from __future__ import annotations

import hashlib
import json
import typing as t
from functools import lru_cache

from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES, container_name
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight import Cluster

# By part, the resources that make it up (plugins/module_utils/_host/resources.py), or a digest, or why it is due.
Parts = dict[str, t.Any]

_ITERATIONS = 20_000


def resources(cluster: Cluster, host: str) -> dict[str, list[str]]:
    """The resources of each part of a host; none for a playbook that does not read what they are made from."""
    settings = cluster.variables[host]
    if not (settings.get("version") and {"registry", "media_volume", "database_images"} <= settings.keys()):
        return {}
    found = {service: _node(cluster, host, service) for service in SERVICES if host in cluster.groups[service]}
    if found:
        found["log_cleanup"] = [f"file {_schedule(cluster.name)}"]
    if found and settings.get("media_path"):
        found["media"] = [f"directory {settings['media_path']}", *_share(settings)]
    if host in cluster.groups["database"]:
        found["database"] = _database(cluster.name, settings)
    if host in cluster.groups["loadbalancer"]:
        found["loadbalancer"] = _balancer(cluster, settings)
    return found


def _node(cluster: Cluster, host: str, service: str) -> list[str]:
    settings = cluster.variables[host]
    image = "web" if service == "webapp" else "coreapp"
    return [
        *(f"container {node.name}" for node in cluster.nodes(service) if node.host == host),
        f"image {settings['registry']}/{image}:v{settings['version']}",
        f"network {cluster.name}",
        *([] if settings["media_path"] else [f"volume {settings['media_volume']}"]),
        f"file {cluster.record(host, service)}",
        *([f"file {cluster.certificate_authority(host)}"] if service == "webapp" else []),
    ]


def _share(settings: t.Mapping[str, t.Any]) -> list[str]:
    return [f"mount {settings['media_path']}", "file /etc/fstab"] if settings.get("media_source") else []


def _database(name: str, settings: t.Mapping[str, t.Any]) -> list[str]:
    volume = settings["database_volume"]
    return [
        f"container {name}-database",
        f"image {settings['database_images'][settings['database_engine']]}",
        f"network {name}",
        *([] if volume.startswith("/") else [f"volume {volume}"]),
        f"file {settings['directory']}/database-init.sh",
    ]


def _balancer(cluster: Cluster, settings: t.Mapping[str, t.Any]) -> list[str]:
    directory = f"{settings['directory']}/loadbalancer"
    certificates = ("certificate.pem", "self-made.pem", "self-made.pem.key")
    return [
        *(f"file {directory}/{name}" for name in ("haproxy.cfg", "webapp-ca.pem", *certificates)),
        f"file {cluster.balancer_unit()}",
        f"unit {container_name(cluster.name, 'loadbalancer', 1)}.service",
        "file /usr/sbin/haproxy",
    ]


def _schedule(name: str) -> str:
    """As role log_cleanup names its file."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_-") else "-" for letter in name)
    return f"/etc/cron.d/wabiz-{plain}"


def digest(values: t.Mapping[str, t.Any], secret: t.Collection[str], also: t.Any) -> str:
    """A digest of settings by key, of which those in C(secret) cannot be guessed from it, and of anything else."""
    hidden = json.dumps({key: values.get(key) for key in sorted(secret)}, sort_keys=True, default=str)
    plain = {key: value for key, value in values.items() if key not in secret}
    text = json.dumps([plain, _slow(hidden), also], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@lru_cache(maxsize=64)
def _slow(secrets: str) -> str:
    """Hosts of one cluster have the same secrets; each set of them costs its time once."""
    return hashlib.pbkdf2_hmac("sha256", secrets.encode(), b"wabiz.onprem", _ITERATIONS).hex()


def due(wanted: t.Mapping[str, str], report: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The parts of a host that have to be compared in full, each with the reason."""
    found: dict[str, str] = {}
    for part, asked in wanted.items():
        noted = report["stamp"].get(part) or {}
        there = report["fingerprints"].get(part) or {}
        differing = sorted(name for name in there if there[name] != (noted.get("found") or {}).get(name))
        if not noted:
            found[part] = "it is new, or no run has noted it yet"
        elif noted.get("wanted") != asked:
            found[part] = "its settings, or the collection, have changed"
        elif differing or set(there) != set(noted["found"]):
            found[part] = f"changed since the last run: {', '.join(differing) or 'what belongs to it'}"
    return found


def engine_due(report: t.Mapping[str, t.Any]) -> bool:
    """Whether role engine has anything to do."""
    return not (report["engine"]["running"] and all(report["requirements"].values()))
