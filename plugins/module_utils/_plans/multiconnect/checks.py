# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a change of the number of shards, and what is unwise about it."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import ObservedCluster
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import zones as observed_zones
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.multiconnect.change import (
    Change,
    coreapps_left,
    served_before,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import (
    capacity,
    cluster_faults,
    host_faults,
    inventory_faults,
    sharding,
    zones,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

OLD_CERTIFICATE_DAYS = 180

Findings = t.Iterator[Finding]


def findings(cluster: ObservedCluster, change: Change) -> list[Finding]:
    """All of it; fatal is why nothing is done."""
    checks = (
        *(_whole, _allowed, _enough, _registered, _number, _certificate),
        *(_lost, _no_standby, _masters, _crowded, _zones, _old_certificate, _outsiders),
    )
    return [finding for check in checks for finding in check(cluster, change)]


def _whole(cluster: ObservedCluster, _change: Change) -> Findings:
    left_out = {node["host"] for node in cluster.topology["nodes"]} - set(cluster.reports)
    yield from map(host_faults.left_out, sorted(left_out))


def _allowed(_cluster: ObservedCluster, change: Change) -> Findings:
    yield from sharding.not_allowed(change.wanted)


def _enough(cluster: ObservedCluster, change: Change) -> Findings:
    yield from inventory_faults.too_few(change.wanted, len(cluster.machines["coreapp"]))


def _registered(cluster: ObservedCluster, _change: Change) -> Findings:
    if not cluster.health.get("nodes"):
        yield inventory_faults.silent(cluster.reason)
    elif cluster.summary.get("single_instance"):
        yield cluster_faults.single_instance()
    elif cluster.summary.get("registered") is None:
        yield cluster_faults.registration_unknown(cluster.reason)
    elif not cluster.summary["registered"]:
        yield inventory_faults.unregistered()


def _number(cluster: ObservedCluster, change: Change) -> Findings:
    said = {str(node.get("debug_info") or "") for node in (cluster.support or {}).get("nodes") or []}
    registered = {number for number in said if number.isdecimal()}
    if registered and registered != {change.number}:
        numbers = ", ".join(sorted(registered))
        yield Finding(
            "", f"The registered number is {numbers}, the inventory says {change.number}.", "Correct wabiz_phone_*."
        )


def _certificate(cluster: ObservedCluster, change: Change) -> Findings:
    if cluster.shards == change.wanted:
        return
    version = cluster.health.get("version")
    if not change.certificate:
        if version is None or versions.shards_certificate_required(version):
            yield inventory_faults.certificate_required(version)
    elif not is_base64(change.certificate):
        yield Finding("", "is not base64.", "Copy it from the Business Manager again.", variable="wabiz_certificate")


def is_base64(text: str) -> bool:
    """Whether a text can be decoded; line breaks, as mail programs make them, do not matter."""
    try:
        return bool(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        return False


def _lost(cluster: ObservedCluster, change: Change) -> Findings:
    if cluster.shards and served_before(cluster, change) is None:
        left = coreapps_left(cluster)
        problem = (
            f"Only {left} coreapps are left for {cluster.shards} shards; the run sets {change.wanted} all the same."
        )
        yield Finding("", problem, "See that lost hosts do not start their coreapps again.", fatal=False)


def _no_standby(cluster: ObservedCluster, change: Change) -> Findings:
    if len(cluster.machines["coreapp"]) == change.wanted:
        yield cluster_faults.no_standby()


def _masters(cluster: ObservedCluster, _change: Change) -> Findings:
    if len(cluster.machines["master"]) > capacity.MOST_MASTERS:
        yield cluster_faults.many_masters()


def _crowded(cluster: ObservedCluster, _change: Change) -> Findings:
    for service, counts in capacity.crowded(cluster.machines).items():
        listed = ", ".join(f"{machine} ({count})" for machine, count in counts.items())
        problem = f"Several nodes of service {service} on one machine would fail together: {listed}."
        yield Finding("", problem, fatal=False)


def _zones(cluster: ObservedCluster, change: Change) -> Findings:
    yield from zones.findings(observed_zones(cluster.topology["nodes"]), change.wanted)


def _old_certificate(cluster: ObservedCluster, change: Change) -> Findings:
    if cluster.shards == change.wanted or not (change.certificate and change.certificate_date and change.today):
        return
    age = (dt.date.fromisoformat(change.today) - dt.date.fromisoformat(change.certificate_date)).days
    if age > OLD_CERTIFICATE_DAYS:
        yield Finding(
            "",
            f"The certificate is {age} days old (wabiz_certificate_date); an expired one endangers the account.",
            "Get a fresh one from the Business Manager.",
            fatal=False,
        )


def _outsiders(cluster: ObservedCluster, _change: Change) -> Findings:
    yield from inventory_faults.foreign(cluster.foreign)
