# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation that this collection did not make hands its databases and media over to the cluster.

What it had is read from its stopped containers and from the server. As soon as a host has a node of the cluster, that
node says which database is the cluster's.
"""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import described, word_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import version_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import media_volume
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.database import differing

Reports = t.Mapping[str, t.Mapping[str, t.Any]]
_EMPTY = "the cluster would start with empty ones, without the registration"
_MEANT = "run once with wabiz_allow_database_change: true"
# The end of the name that the vendor's files give the volume of the media; Compose puts the project before it.
_MEDIA = "whatsappMedia"


def by_containers(inventory: Inventory, reports: Reports, allow_version_change: bool) -> t.Iterator[Finding]:
    """By the containers of the installation."""
    if _has_nodes(inventory, reports):
        return
    for host, report in reports.items():
        theirs = [one for one in report.get("containers") or [] if one["client"] and not one["cluster"]]
        yield from _media(inventory, host, report, theirs)
        there = [one for one in theirs if one["database"] and _same_server(inventory.variables[host], one["database"])]
        yield from _prefixes(inventory, host, there)
        if not allow_version_change:
            yield from _versions(inventory, host, there)


def by_server(inventory: Inventory, surveys: Reports, looks: Reports) -> t.Iterator[Finding]:
    """By the databases that the server has; C(looks) are database_info's answers, by host."""
    if _has_nodes(inventory, surveys):
        return
    everywhere = all("engine" in surveys.get(host, {}) for host in inventory.node_hosts)
    for host, look in looks.items():
        settings = inventory.variables[host]
        facts: t.Mapping[str, t.Any] = next(
            (one for one in (look["host"], look["container"]) if "databases" in one), {}
        )
        if facts.get("databases"):
            yield from _upgraded(inventory, host, facts["databases"]) if everywhere else ()
        elif facts.get("unprefixed") and not settings.get("allow_database_change"):
            yield Finding(
                host,
                f"is {word_of(settings['database_prefix'])}, and the server has no such databases, but "
                f"{' and '.join(facts['unprefixed'])} of an installation without a prefix; {_EMPTY}.",
                f"To take that installation over set wabiz_database_prefix: {word_of('')}. If new databases are meant, "
                f"{_MEANT}.",
                variable="wabiz_database_prefix",
            )


def _has_nodes(inventory: Inventory, reports: Reports) -> bool:
    containers = (one for report in reports.values() for one in report.get("containers") or [])
    return any(inventory.owns(one) and one["node"] for one in containers)


def _same_server(settings: t.Mapping[str, t.Any], has: t.Mapping[str, t.Any]) -> bool:
    """Whether a client that C(has) a database has it on the cluster's server; without a port it uses the usual one."""
    return bool(has["host"]) and not {key for key in differing(settings, has) if has[key]} - {"prefix"}


def _prefixes(inventory: Inventory, host: str, there: list[dict[str, t.Any]]) -> t.Iterator[Finding]:
    settings = inventory.variables[host]
    wanted = settings.get("database_prefix")
    if wanted is None or settings.get("allow_database_change"):
        return
    by_prefix: dict[str, list[str]] = {}
    for one in there:
        by_prefix.setdefault(one["database"]["prefix"], []).append(one["name"])
    for prefix, names in by_prefix.items() if wanted not in by_prefix else ():
        used = "uses" if len(names) == 1 else "use"
        yield Finding(
            host,
            f"is {word_of(wanted)}, and {', '.join(names)}, which this collection did not make, {used} "
            f"{described(prefix)} on the same server; {_EMPTY}.",
            f"To take that installation over set wabiz_database_prefix: {word_of(prefix)}. If new databases are meant, "
            f"remove these containers (docker rm {' '.join(names)}), or {_MEANT}.",
            variable="wabiz_database_prefix",
        )


def _versions(inventory: Inventory, host: str, there: list[dict[str, t.Any]]) -> t.Iterator[Finding]:
    """The first master would upgrade the schema, without the plan and the dump of an upgrade."""
    wanted, prefix = inventory.value("version"), inventory.variables[host].get("database_prefix")
    same = [one for one in there if one["database"]["prefix"] == prefix]
    ran = {one["name"]: version_of(one["image"]) for one in same if version_of(one["image"])}
    if wanted is None or not ran or wanted in ran.values():
        return
    known = ", ".join(dict.fromkeys(ran.values()))
    yield Finding(
        host,
        f"is {wanted}, and {', '.join(ran)} used the databases of this cluster with {known}; the first master would "
        "upgrade them without a plan and without a dump.",
        f"Set wabiz_version to {known}, run site.yml, then upgrade.yml. If the databases have another version since, "
        f"remove these containers (docker rm {' '.join(ran)}).",
        variable="wabiz_version",
    )


def _upgraded(inventory: Inventory, host: str, databases: list[str]) -> t.Iterator[Finding]:
    """A warning: the schema does not tell its version, and after a restore the databases have the right one."""
    version = inventory.value("version")
    if version is not None:
        yield Finding(
            host,
            f"the server has {' and '.join(databases)}, and no host has a node of the cluster. If an older version of "
            f"the client than {version} used them, the first master upgrades them, without a plan and without a dump.",
            "Then set wabiz_version to that version, run site.yml, and upgrade.yml.",
            fatal=False,
        )


def _media(
    inventory: Inventory, host: str, report: t.Mapping[str, t.Any], theirs: list[dict[str, t.Any]]
) -> t.Iterator[Finding]:
    """Media that the cluster would not have."""
    settings = inventory.variables[host]
    if host not in inventory.node_hosts or settings.get("media_path") or "media_volume" not in settings:
        return
    used = {name: one["name"] for one in theirs for name in one["volumes"] if name.endswith(_MEDIA)}
    if media_volume(settings, report) not in used:
        for name, container in sorted(used.items()):
            yield Finding(
                host,
                f"is {media_volume(settings, report)}, and container {container}, which this collection did not make, "
                f"has its media in volume {name}.",
                f"To take them over set wabiz_media_volume: {name}.",
                fatal=False,
                variable="wabiz_media_volume",
            )
