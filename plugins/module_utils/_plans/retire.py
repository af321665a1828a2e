# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the cluster is removed because the inventory does not name it any more, and what speaks against it. No I/O.

The nodes of the inventory have to work before anything is removed, so new hosts are brought in by site.yml first.
"""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats import balancer_statistics
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict, machines
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import database_container
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import survival, table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity, inventory_faults, server_in_use
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement, noted
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.interrupted_upgrade import migrating

COLUMNS = ("host", "what", "name", "effect")
_FIRST = "Run site.yml first: what replaces the nodes has to work before they are removed."

Findings = t.Iterator[Finding]


class _Look:
    """The cluster as a removal sees it."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.topology = facts.topology
        self.nodes = facts.health.get("nodes") or []
        self.shards = int(facts.shards or facts.setting("shards") or 1)
        self.registered = bool(facts.observed.summary.get("registered"))
        wanted = {(node["host"], node["name"]) for node in self.topology["nodes"]}
        there = facts.observed.containers
        self.surplus = [
            {
                **{key: one[key] for key in ("host", "name", "id", "running")},
                "service": one["node"],
                "port": min(one["ports"], default=0),
            }
            for one in facts.observed.unnamed
        ]
        self.own = {(one["host"], one["name"]): one for one in there if (one["host"], one["name"]) in wanted}
        self.failing = {node["container_id"] for node in self.nodes if node["errors"]}

    @property
    def databases(self) -> list[dict[str, str]]:
        """Servers that role database ran on hosts that are not the database's any more."""
        name, hosts = database_container(self.topology["cluster"]), self.topology["groups"]["database"]
        servers = [
            (host, one["id"])
            for host, survey in sorted(self.facts.surveys.items())
            for one in survey.get("containers") or []
            if one["name"] == name and one["cluster"] == self.topology["cluster"]
        ]
        kept = {identity for host, identity in servers if host in hosts}
        return [{"host": host, "name": name} for host, identity in servers if identity not in kept]

    @property
    def balancers(self) -> list[str]:
        """Retired hosts that still have a balancer."""
        found = ((host, files.get("balancer")) for host, files in self.topology["retired"].items())
        return [host for host, unit in found if unit and self._file(host, unit)]

    def _file(self, host: str, path: str) -> bool:
        return bool((self.facts.surveys.get(host, {}).get("files") or {}).get(path))

    @property
    def unfinished(self) -> t.Iterator[tuple[str, str]]:
        for host, files in self.topology["retired"].items():
            yield from ((host, what) for what, path in files.items() if what != "balancer" and self._file(host, path))

    @property
    def tolerated(self) -> list[str]:
        """Nodes whose errors say nothing about the cluster: those that no host runs, and surplus ones."""
        known = {one["id"] for one in self.own.values()}
        return sorted(node["name"] for node in self.nodes if node["errors"] and node["container_id"] not in known)


def plan(facts: Facts) -> dict[str, t.Any]:
    """The removals as data: C(surplus) nodes, of which the run chooses one after the other, then the rest."""
    look = _Look(facts)
    steps = [*_nodes(look), *_others(look)]
    coreapps_and_masters = [node["address"] for node in look.topology["nodes"] if node["service"] != "webapp"]
    after = survival.survival(look.topology["nodes"], look.shards)
    found = judgement(_findings(look, after) if steps else _without_steps(look))
    rows = table.render(COLUMNS, steps) if steps else ["Nothing to do: no host runs anything that is to be removed."]
    text = [
        *rows,
        *(["", *(f"Afterwards: {line}." for line in survival.lines(after))] if steps else []),
        *noted(found),
    ]
    return {
        **found,
        **after,
        "steps": steps,
        "surplus": [{key: one[key] for key in ("host", "name", "id", "service", "port")} for one in look.surplus],
        "databases": look.databases,
        "balancers": look.balancers,
        "tolerated": look.tolerated,
        "shards": look.shards if look.registered else 0,
        "gate": {
            "hosts": coreapps_and_masters,
            "masters": look.topology["counts"]["master"],
            "coreapps": look.topology["counts"]["coreapp"],
            **({"shards": look.shards} if look.registered else {}),
        },
        "text": text,
    }


def _nodes(look: _Look) -> t.Iterator[dict[str, str]]:
    status = {node["container_id"]: node for node in look.nodes if not node["errors"]}
    for one in look.surplus:
        said = status.get(one["id"], {})
        effect = "none"
        if said.get("role") == "coreapp" and said.get("gateway_status") == "connected":
            low, high = capacity.failover_seconds(len(look.facts.observed.machines["master"]), *_intervals(look))
            effect = f"one shard, {low} to {high} s"
        elif said.get("role") == "primary_master":
            effect = "another master takes over; messages go on"
        yield {"host": one["host"], "what": one["service"], "name": one["name"], "effect": effect}


def _intervals(look: _Look) -> tuple[int, int]:
    found = look.facts.intervals
    return found["heartbeat"], found["unhealthy"]


def _others(look: _Look) -> t.Iterator[dict[str, str]]:
    for one in look.databases:
        yield {"host": one["host"], "what": "database", "name": one["name"], "effect": "none; its data stay"}
    for host in look.balancers:
        yield {"host": host, "what": "balancer", "name": "HAProxy", "effect": "its address serves no clients any more"}


def _findings(look: _Look, after: Dict) -> Findings:
    for check in (_unreachable, _alive, _silent, _own, _webapps, _balanced, _database, _unfinished, _migrating):
        yield from check(look)
    yield from _weaker(look, after)


def _without_steps(look: _Look) -> Findings:
    for check in (_unreachable, _alive, _unfinished, _migrating):
        yield from check(look)


def _unreachable(look: _Look) -> Findings:
    for host in look.topology["services"]:
        engine, retired = look.facts.surveys.get(host, {}).get("engine"), host in look.topology["retired"]
        # Containers that a stopped engine has would be started again, with it.
        if engine is not None and not (retired and engine.get("present") and not engine["running"]):
            continue
        remedy = "See that it is never started again, or run this again then." if retired else "Make it reachable."
        problem = "cannot be inspected, so nothing on it is removed." if retired else "cannot be inspected."
        yield Finding(host, problem, remedy, fatal=not retired)


def _alive(look: _Look) -> Findings:
    """A retired host loses its files, so it is not a second name of a machine that still runs nodes."""
    named = {one["id"] for one in look.own.values()}
    for host in look.topology["retired"]:
        there = look.facts.surveys.get(host, {}).get("containers") or []
        names = sorted(one["name"] for one in there if one["id"] in named)
        if names:
            problem = f"runs {', '.join(names)}, which the inventory names on a host that is the same machine."
            yield Finding(host, problem, "Remove this name from the inventory.")


def _silent(look: _Look) -> Findings:
    if look.surplus and not look.nodes:
        yield inventory_faults.silent(str(look.facts.health.get("msg") or "it lists no node"))


def _own(look: _Look) -> Findings:
    """Every node of the inventory runs and answers."""
    named = {node["container_id"] for node in look.nodes}
    for node in look.topology["nodes"] if look.surplus else ():
        container = look.own.get((node["host"], node["name"]))
        if container is None or not container["running"]:
            yield Finding(node["host"], f"{node['name']} does not run.", _FIRST)
        elif node["service"] == "webapp" or not look.registered:
            continue
        elif container["id"] not in named or container["id"] in look.failing:
            yield Finding(node["host"], f"{node['name']} does not answer.", _FIRST)


def _webapps(look: _Look) -> Findings:
    if any(one["service"] == "webapp" for one in look.surplus):
        for webapp in look.facts.snapshot.get("webapps") or []:
            if not webapp["ok"]:
                yield Finding(webapp["endpoint"], f"does not serve requests: {webapp['error'].rstrip('.')}.", _FIRST)


def _balanced(look: _Look) -> Findings:
    """No balancer sends requests to a webapp that is to be removed."""
    names = {f"{one['host']}-{one['name']}" for one in look.surplus if one["service"] == "webapp"}
    for host in look.topology["groups"]["loadbalancer"]:
        known = balancer_statistics.servers(look.facts.surveys.get(host, {}).get("balancer") or "")
        for name in sorted(names & known.keys()):
            yield Finding(host, f"the balancer still knows webapp {name}.", "Run site.yml first.")


def _database(look: _Look) -> Findings:
    """No node uses a server that is to be removed."""
    addresses = look.topology["addresses"]
    kept = {name for host in look.topology["groups"]["database"] for name in (host, addresses[host])}
    running = (one for one in look.facts.observed.containers if one["running"])
    used = {f"{one['host']}/{one['name']}": str((one.get("database") or {}).get("host") or "") for one in running}
    confirmed = look.facts.setting("retire_database") or []
    for host in (server["host"] for server in look.databases):
        yield from server_in_use.findings(host, {host, addresses[host]}, kept, used, host in confirmed)


def _unfinished(look: _Look) -> Findings:
    for host, what in look.unfinished:
        remedy = "Put it back into its group and finish that first."
        yield Finding(host, f"holds the record of {what} that was not finished.", remedy)


def _migrating(look: _Look) -> Findings:
    """Its host may be a retired one, and nodes that are removed now may be needed to go back to the old version."""
    yield from migrating(look.topology["cluster"], look.facts.surveys)


def _weaker(look: _Look, after: Dict) -> Findings:
    """The cluster survives less afterwards than now."""
    addresses = look.topology["addresses"]
    alive = [{**one, "address": addresses[one["host"]]} for one in look.surplus if one["running"]]
    before = capacity.survival(machines([*look.topology["nodes"], *alive]), look.shards)
    now, then = min(before.values()), min(after["survives"].values())
    if then >= now or not alive:
        return
    problem = f"{capacity.survival_text(after['survives']).capitalize()}; now {capacity.survival_text(before)}."
    fatal = then < 1 and not look.facts.setting("retire_without_standby")
    remedy = "Add nodes first, or accept that with wabiz_retire_without_standby: true." if then < 1 else ""
    yield Finding("", problem, remedy, fatal=fatal)
