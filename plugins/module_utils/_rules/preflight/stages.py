# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong before anything is touched: the inventory alone, then what its hosts say. No I/O."""

from __future__ import annotations

import typing as t
from functools import partial

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import bracketed
from ansible_collections.wabiz.onprem.plugins.module_utils._model.holdings import Holdings
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import host_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.database_server import Wanted, database_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expiry import expiry
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.image_faults import image_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight import (
    container_options,
    containers,
    engines,
    host_objects,
    media,
    nodes,
    ports,
    surroundings,
    takeover,
    values,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.database import database
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.database_tls import (
    database_tls,
    tls_files,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.directories import overlaps
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.groups import groups, old_inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.restored import half_restored
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.secrets import secrets

Report = dict[str, t.Any]

# What every playbook relies on, and what matters to those that start or replace nodes.
_ALWAYS = (
    *(groups, overlaps, values.required, values.differing, values.registry_login, values.volumes_of_another),
    values.never_cleaned,
)
_CONTAINERS = (
    *(container_options.environment, container_options.options, container_options.mounts),
    *(container_options.sizes, container_options.restarts, container_options.networks, container_options.subnets),
)
# What a single role needs: how many nodes there are is not its business.
_ONE_ROLE = (
    *(
        *_ALWAYS,
        ports.ports,
        ports.one_by_one,
        ports.address,
        nodes.loopback,
        nodes.ipv6,
        values.balancer,
        database_tls,
        media.kinds,
    ),
    *_CONTAINERS,
)
_WHOLE = (
    *(nodes.counts, values.jwt_key, values.root_password, values.database_administrator, nodes.placement),
    *(values.administrators_password, values.long_user, database_tls, values.endless),
    *(nodes.loopback, nodes.ipv6, nodes.zones, ports.ports, ports.one_by_one, ports.address),
    *(values.balancer, old_inventory, media.kinds, *_CONTAINERS),
)


def inventory_findings(inventory: Inventory, whole: bool = True) -> list[Finding]:
    """Everything that can be known without a connection to any host; not C(whole): what every playbook relies on."""
    return [finding for check in (*_ALWAYS, *(_WHOLE if whole else ())) for finding in check(inventory)]


def role_findings(inventory: Inventory) -> list[Finding]:
    """What speaks against a single role, as far as the inventory alone tells."""
    return [finding for check in _ONE_ROLE for finding in check(inventory)]


def host_findings(
    inventory: Inventory,
    reports: t.Mapping[str, Report],
    allow_version_change: bool,
    today: str = "",
    others: t.Mapping[str, Report] | None = None,
    rotation: bool = False,
    renewal: bool = False,
) -> list[Finding]:
    """Judges host_info's answers, by host; a host without an answer is unreachable.

    C(others) are the answers of hosts that are not judged, but may have images. C(rotation): the database's login is
    going to change; C(renewal): the client's other secrets are. The rest is as in image_findings().
    """
    about_hosts = [
        finding
        for hosts, found in _by_pins(inventory, reports, others)
        for host in hosts
        for finding in (
            *_host(inventory, host, reports[host], allow_version_change, rotation, renewal),
            *_missing(inventory, host, reports[host], surroundings.elsewhere(inventory, found)),
        )
    ]
    answering = {host: report for host, report in reports.items() if "engine" in report}
    return [
        *about_hosts,
        *media.shared(inventory, answering),
        *takeover.by_containers(inventory, answering, allow_version_change),
        *image_findings(inventory, reports, today, others),
    ]


def image_findings(
    inventory: Inventory,
    reports: t.Mapping[str, Report],
    today: str = "",
    others: t.Mapping[str, Report] | None = None,
) -> list[Finding]:
    """What is wrong with the images of the hosts that are judged.

    That one has expired, by C(today) (YYYY-MM-DD, or empty), is a warning: a cluster that runs may be repaired all
    the same, and what it will not do it says itself. An upgrade refuses it.
    """
    judged = (
        finding
        for hosts, found in _by_pins(inventory, reports, others)
        for finding in image_faults(found)
        if finding.where in ("", *hosts)
    )
    return [*dict.fromkeys(judged), *(expiry(reports, today, allow_expired=True) if today else ())]


def database_findings(
    inventory: Inventory, reports: t.Mapping[str, Report], last: bool, surveys: t.Mapping[str, Report]
) -> list[Finding]:
    """Judges database_info's answers, by host; C(last): nothing will be looked at later.

    C(surveys) are host_info's answers, by which it is known whether the cluster has nodes already.
    """
    coreapps = len(inventory.nodes("coreapp"))
    faults = [
        finding
        for host, report in reports.items()
        for finding in database_faults(host, report, _wanted(inventory.variables[host], coreapps), last)
    ]
    return [*faults, *takeover.by_server(inventory, surveys, reports)]


def _wanted(settings: Report, coreapps: int) -> Wanted:
    return Wanted(
        engine=settings["database_engine"],
        address=f"{bracketed(settings['database_host'])}:{settings['database_port']}",
        user=settings["database_user"],
        prefix=settings["database_prefix"],
        tls=settings["database_tls"],
        versions=tuple(settings["database_versions"][settings["database_engine"]]),
        coreapps=coreapps,
        connections=settings["database_connections"],
        administered=bool(settings.get("database_admin_user")),
    )


def _by_pins(
    inventory: Inventory, reports: t.Mapping[str, Report], others: t.Mapping[str, Report] | None
) -> t.Iterator[tuple[list[str], Holdings]]:
    """The hosts that are judged, those with the same pins together, and who has which image."""
    wanted = {host: inventory.wanted_images(host) for host in inventory.hosts}
    settings = inventory.variables
    pins = {host: [settings[host].get(key) or {} for key in ("image_ids", "image_digests")] for host in reports}
    left = list(reports)
    while left:
        alike = [host for host in left if pins[host] == pins[left[0]]]
        yield alike, Holdings(wanted, {**(others or {}), **reports}, *pins[left[0]])
        left = [host for host in left if host not in alike]


def _missing(inventory: Inventory, host: str, report: Report, held: frozenset[str]) -> t.Iterator[Finding]:
    return surroundings.images(inventory, host, report, held) if "engine" in report else iter(())


def _host(
    inventory: Inventory, host: str, report: Report, allow_version_change: bool, rotation: bool, renewal: bool
) -> t.Iterator[Finding]:
    if "engine" not in report:
        yield host_faults.unreachable(host, report)
        return
    for judge in (
        *(host_faults.unlisted, containers.uninspected, containers.other_clients),
        *(host_faults.database_unreachable, host_objects.address),
    ):
        yield from judge(host, report)
    yield from half_restored(host, inventory.unfinished(host), report, inventory.database_server)
    checks: tuple[t.Callable[[Inventory, str, Report], t.Iterable[Finding]], ...] = (
        *(engines.engine, containers.foreign_names, containers.same_number, ports.taken_ports),
        *(host_objects.networks, host_objects.volumes, host_objects.misnamed_volumes, host_objects.server_files),
        host_objects.certificates,
        containers.same_database,
        *(media.volume, media.directory),
        *(surroundings.disk, partial(database, rotation=rotation), tls_files, surroundings.names),
        *([] if allow_version_change else [containers.versions]),
        *([] if renewal else [secrets]),
    )
    for check in checks:
        yield from check(inventory, host, report)
