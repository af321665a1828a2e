# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What uninstall.yml is going to remove, and what it leaves. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import created
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import host_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement, noted
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.interrupted_upgrade import migrating

COLUMNS = ("host", "what", "name", "state")


def plan(facts: Facts) -> dict[str, t.Any]:
    """A step for each container, network and volume with the cluster's label; the run itself names the files."""
    with_data = facts.setting("uninstall_volumes") == facts.topology["cluster"]
    steps = [step for host, report in sorted(facts.surveys.items()) for step in _host(facts, host, report, with_data)]
    if with_data and facts.topology["external_database"]:
        steps += _database(facts)
    data = (
        "Data volumes are removed too."
        if with_data
        else "Data volumes are kept (wabiz_uninstall_volumes removes them)."
    )
    lines = table.render(COLUMNS, steps) if steps else ["No host has a container, network or volume of the cluster."]
    found = judgement((*_unseen(facts), *(_left_without(facts) if with_data else _migrating(facts))))
    also = f"Also removed: configuration, schedules, load balancer. {data}"
    return {"steps": steps, **found, "text": [*lines, "", also, *noted(found)]}


def _unseen(facts: Facts) -> t.Iterator[Finding]:
    """Hosts with an engine that does not tell its containers: they would stay, and start again with it."""
    for host, report in sorted(facts.surveys.items()):
        engine = report.get("engine") or {}
        # A balancer needs none.
        if engine.get("present") and not engine["running"] and facts.topology["services"][host] != ["loadbalancer"]:
            yield Finding(
                host,
                f"the Docker engine does not answer: {str(engine.get('error') or 'no reason given').rstrip('.')}; the "
                "containers that it has would stay, and start again with it.",
                "Start it, or exclude the host with --limit.",
            )
        yield from host_faults.unlisted(host, report)


def _left_without(facts: Facts) -> t.Iterator[Finding]:
    """Hosts that were not seen, whose nodes would run on without the data."""
    shared = ", ".join(_shared(facts))
    for host, services in facts.topology["services"].items() if shared else ():
        if {*SERVICES, "retired"} & {*services}:
            for unseen in host_faults.unseen(facts.surveys, [host]):
                yield replace(
                    unseen,
                    problem=f"{unseen.reason}; its nodes may use what would be removed: {shared}.",
                    remedy="Run it for all hosts, each of them reachable. Remove a lost one from the inventory.",
                )


def _shared(facts: Facts) -> t.Iterator[str]:
    """What would be removed and is not the host's alone: databases, and volumes of a driver that shares them."""
    if facts.topology["external_database"]:
        yield "the databases"
    cluster, servers = facts.topology["cluster"], facts.topology["groups"]["database"]
    for host, report in facts.surveys.items():
        for volume in report.get("volumes", ()):
            if volume["cluster"] == cluster and (host in servers or volume["driver"] != "local"):
                yield f"volume {volume['name']} of {host}"


def _migrating(facts: Facts) -> t.Iterator[Finding]:
    """Databases that are kept would be kept half upgraded, and neither version works with them."""
    for finding in migrating(facts.topology["cluster"], facts.surveys):
        stop = "Where the databases are restored from a dump anyway, remove that container first (docker rm --force)."
        yield replace(finding, remedy=f"{finding.remedy} {stop}")


def _database(facts: Facts) -> list[dict[str, t.Any]]:
    """What is removed from a database server of the site."""
    where = f"on {facts.setting('database_host')}"
    prefix = facts.setting("database_prefix")
    names = ", ".join(created(prefix)) if prefix == "" else f"{prefix}*"
    found = {"databases": names, "database user": facts.setting("database_user")}
    return [
        {"host": facts.topology["keeper"], "what": what, "name": name, "state": where} for what, name in found.items()
    ]


def _host(facts: Facts, host: str, report: Dict, with_data: bool) -> t.Iterator[dict[str, t.Any]]:
    if "engine" not in report:
        yield {"host": host, "what": "nothing", "name": "", "state": "unreachable"}
        return
    kinds = {"container": report["containers"], "network": report["networks"], "volume": report["volumes"]}
    for kind, found in kinds.items():
        for item in found:
            if item["cluster"] == facts.topology["cluster"] and (kind != "volume" or with_data):
                state = ("runs" if item["running"] else "stopped") if kind == "container" else ""
                yield {"host": host, "what": kind, "name": item["name"], "state": state}
