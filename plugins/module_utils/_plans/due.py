# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done on which host: what is not as the last run left it, or not what is wanted now."""

from __future__ import annotations

import datetime as dt
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import from_report
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import MODE
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.authority import (
    certificate_stale,
    certificate_unchanged,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.drained import drained
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expectation import Expectation, evaluate
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.host_faults import stopped_services

Report = t.Mapping[str, t.Any]
# By host and part: why it is due, or the digest of what it is made from.
ByPart = t.Mapping[str, t.Mapping[str, str]]

_OTHER_AUTHORITY = "the webapps have another CA certificate than the saved copy"
# As in role certificate, which looks by itself at the time.
RENEWED_DAYS = 30
# What a playbook brings about where it is not all of it.
_SCOPES = {
    "multiconnect": ("engine", "media", "coreapp", "number", "log_cleanup", "login", "drained"),
    **dict.fromkeys(("upgrade", "rotate_database_password", "rotate_secrets"), (*SERVICES, "drained")),
}


def what_follows(
    inventory: Inventory,
    reports: t.Mapping[str, Report],
    playbook: str,
    refused: str,
    needs_lock: bool,
    digests: t.Callable[[str], dict[str, str]],
    before: ByPart | None = None,
) -> dict[str, t.Any]:
    """What is due, whether the lock has to be taken for it and the client asked afterwards; or why nothing can be done.

    C(digests) makes those of a host, C(before) is what an earlier survey found due, which is done as well.
    """
    kept = reports.get(inventory.keeper, {})
    if needs_lock and kept.get("lock"):
        # Another run is active, or was: what the hosts report may change at any moment. The lock decides.
        return {"refusal": "", "due": {}, "due_groups": [_keeper_in(inventory, "wabiz_locking")], "wanted": {}}
    if refused:
        return {"refusal": refused}
    wanted = {host: digests(host) for host in reports}
    due = due_parts(inventory, reports, playbook, wanted, before)
    groups = _groups(due)
    if due and needs_lock:
        groups.append(_keeper_in(inventory, "wabiz_locking"))
    if due or not _as_expected(inventory, kept.get("health") or {}):
        groups.append(_keeper_in(inventory, "wabiz_unverified"))
    return {"refusal": "", "due": due, "due_groups": groups, "wanted": wanted}


def _groups(due: ByPart) -> list[dict[str, t.Any]]:
    """The hosts where something is due, and the groups by which the playbooks find them."""
    return [{"host": host, "groups": ["wabiz_due", *map("wabiz_due_{}".format, named)]} for host, named in due.items()]


def _keeper_in(inventory: Inventory, group: str) -> dict[str, t.Any]:
    """A group that has a host says that something is to be done once for the whole cluster."""
    return {"host": inventory.keeper, "groups": [group]}


def _as_expected(inventory: Inventory, health: t.Mapping[str, t.Any]) -> bool:
    """Whether the survey of the hosts, with what the client reported meanwhile, is the verification already."""
    if "nodes" not in health:
        return False
    wanted = Expectation(
        masters=len(inventory.nodes("master")),
        coreapps=len(inventory.nodes("coreapp")),
        shards=inventory.value("shards"),
    )
    return not evaluate(from_report(health), wanted)


def due_parts(
    inventory: Inventory,
    reports: t.Mapping[str, Report],
    playbook: str,
    wanted: ByPart,
    before: ByPart | None = None,
) -> dict[str, dict[str, str]]:
    """Why a part is due, by host and part, as far as the playbook handles it; hosts without one are omitted."""
    due = {host: changed(wanted[host], report) | _more(inventory, host, report) for host, report in reports.items()}
    balancers = [host for host in due if "loadbalancer" in wanted[host]]
    webapps = any("webapp" in named for named in due.values())
    # The webapps make their CA certificate at their first start.
    if webapps or not _authority(inventory, reports):
        for host in balancers:
            due[host].setdefault("loadbalancer", "the webapps, or their CA certificate, may change")
    # With the old one a balancer finds every webapp DOWN, and takes no replaced one back.
    if any(_other_authority(inventory, host, report) for host, report in reports.items()):
        for host in balancers:
            due[host]["authority"] = _OTHER_AUTHORITY
    scope = _SCOPES.get(playbook)
    found = {
        host: {
            part: reason
            for part, reason in {**(before or {}).get(host, {}), **named}.items()
            if scope is None or part in scope
        }
        for host, named in due.items()
    }
    return {host: named for host, named in found.items() if named}


def changed(wanted: t.Mapping[str, str], report: Report) -> dict[str, str]:
    """The parts of a host that have to be compared in full, each with the reason."""
    found: dict[str, str] = {}
    for part, asked in wanted.items():
        noted = report["stamp"].get(part) or {}
        there = report["fingerprints"].get(part) or {}
        differing = sorted(name for name in there if there[name] != (noted.get("found") or {}).get(name))
        if not noted:
            found[part] = "new, or not recorded by a run yet"
        elif noted.get("wanted") != asked:
            found[part] = "its settings, or the collection, have changed"
        elif differing or set(there) != set(noted["found"]):
            found[part] = f"changed since the last run: {', '.join(differing) or 'its files or objects'}"
    return found


def engine_due(report: Report) -> bool:
    """Whether role engine has anything to do."""
    return not (report["engine"]["running"] and all(report["requirements"].values())) or bool(stopped_services(report))


def _more(inventory: Inventory, host: str, report: Report) -> dict[str, str]:
    """What no fingerprint shows."""
    found: dict[str, str] = {}
    with_containers = host in inventory.node_hosts or host in inventory.groups["database"]
    if with_containers and engine_due(report):
        stopped = ", ".join(stopped_services(report))
        found["engine"] = (
            f"service {stopped} does not run" if stopped else "Docker, or what the modules need next to it, is missing"
        )
    left = drained(inventory.drained(host), report)
    if left:
        found["drained"] = f"a run that ended early left {', '.join(left)} drained"
    if report["files"].get(inventory.login):
        found["login"] = "a run that ended early left the login of the registry"
    if report["files"].get(inventory.unfinished(host).get("heartbeat")):
        found["heartbeat"] = "a run that ended early left other settings of the heartbeat"
    # A retired host keeps what it has until its containers are removed.
    played = with_containers or host in inventory.groups["loadbalancer"]
    if played and any(report["files"].get(path) for path in inventory.stale_records(host)):
        found["stale"] = "it holds the record of a service that it no longer runs"
    if _other_authority(inventory, host, report):
        found["webapp"] = _OTHER_AUTHORITY
    found |= _media(inventory, host, report)
    found |= _ending(inventory, host, report)
    if host in inventory.node_hosts and _unnoted(inventory, report):
        found["number"] = "the phone number is not recorded yet"
    return found


def _media(inventory: Inventory, host: str, report: Report) -> dict[str, str]:
    """Modes that role media sets, and Docker waiting for a share that is no longer wanted."""
    settings, media = inventory.variables[host], report.get("media") or {}
    # A retired host keeps it until its containers are removed.
    known = "media_require_mount" in settings and inventory.services(host) != ["retired"]
    if known and report["files"].get(inventory.boot_file) and not inventory.mount_points(host):
        return {"media": "Docker waits for a mount that is no longer wanted"}
    others = {path: mode for path, mode in (media.get("modes") or {}).items() if not mode.endswith(MODE)}
    if not (others and settings.get("media_set_mode")):
        return {}
    listed = ", ".join(f"{path} ({mode})" for path, mode in others.items())
    return {"media": f"mode {MODE} is set on {listed}, not on what is deeper"}


def _ending(inventory: Inventory, host: str, report: Report) -> dict[str, str]:
    """Certificates that role certificate renews in their last days."""
    today, ends = report.get("today"), report.get("certificates") or {}
    left = {
        part: (dt.date.fromisoformat(ends[path]) - dt.date.fromisoformat(today)).days
        for part, path in inventory.self_made(host).items()
        if today and ends.get(path)
    }
    return {part: f"its certificate ends in {days} day(s)" for part, days in left.items() if days < RENEWED_DAYS}


def _other_authority(inventory: Inventory, host: str, report: Report) -> bool:
    return host in inventory.groups["webapp"] and certificate_stale(report, inventory.certificate_authority(host))


def _authority(inventory: Inventory, reports: t.Mapping[str, Report]) -> bool:
    """Whether the CA certificate that the balancers are given is the one that the last run gave them."""
    first = inventory.keeper
    # With endpoints of their own the API modules' CA file is not the webapps'.
    given = inventory.value("api_ca_path") and not inventory.value("api_endpoints")
    if given or first not in reports:
        return False
    return certificate_unchanged(reports[first], inventory.certificate_authority(first))


def _unnoted(inventory: Inventory, report: Report) -> bool:
    number = inventory.number()
    return bool(number) and {"cluster": inventory.name, "number": number} not in report["clusters"]
