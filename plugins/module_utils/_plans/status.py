# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a cluster in one view: what the hosts run and what the client says. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.numbers import whole
from ansible_collections.wabiz.onprem.plugins.module_utils._model import lock as locks
from ansible_collections.wabiz.onprem.plugins.module_utils._model.heartbeat import intervals
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import machines, zones
from ansible_collections.wabiz.onprem.plugins.module_utils._model.stats import media_free_gb
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import survival, table
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity, media_faults, sharding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.drained import drained
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.host_faults import unknown
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.log_cleanup import failure, last_run
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.zones import findings as overloaded

# What is known of the container of a node that no inspected host runs.
_GONE, _NOT_SEEN = "no such container on its host", "not inspected"
COLUMNS = ("host", "container", "state", "version", "role", "gateway", "note")


def build(
    cluster: str,
    reports: t.Mapping[str, t.Mapping[str, t.Any]],
    health: t.Mapping[str, t.Any],
    more: t.Mapping[str, t.Any] | None = None,
) -> dict[str, t.Any]:
    """Joins host_info's answers (by host) with health_info's result, which may be a failure.

    A client's node is known to both by the first digits of its container's id. `more` may hold the results of
    shards_info, support_info, stats_info (db) and application_settings_info as shards, support, stats and settings,
    failed ones as well, preflight's topology, and connections: how many the database server has and allows.
    """
    more = more or {}
    said = {node["container_id"]: node for node in health.get("nodes") or []}
    nodes: list[dict[str, t.Any]] = []
    for host in sorted(reports):
        if "engine" not in reports[host]:
            nodes.append({"host": host, "state": "unreachable"})
            continue
        own = [container for container in reports[host]["containers"] if container["cluster"] == cluster]
        nodes += [_node(host, container, said.pop(container["id"], {})) for container in own]
    topology = more.get("topology") or {}
    unseen = unknown(reports, topology.get("services", reports))
    nodes += [{"host": host, "state": _NOT_SEEN} for host in _left_out(unseen, reports, said.values(), topology)]
    # What the client knows but no host runs: nodes of hosts that were not inspected or are outside the inventory, or
    # left over in its database.
    nodes += [{**_node(node["host"], {}, node), "state": _NOT_SEEN if unseen else _GONE} for node in said.values()]
    summary = health.get("summary") or {}
    return {
        "cluster": cluster,
        "version": health.get("version"),
        "registered": summary.get("registered"),
        "primary_master": summary.get("primary_master"),
        "connected_coreapps": summary.get("connected_coreapps"),
        "coreapps": summary.get("coreapps"),
        "masters": summary.get("masters"),
        "api_error": "" if health.get("nodes") is not None else str(health.get("msg", "no answer")),
        "not_inspected": unseen,
        **_service(nodes, more, whole=not unseen),
        "lock": locks.found(reports),
        "drained": _drained(topology.get("drained") or {}, reports),
        "log_cleanup": _log_cleanup(topology.get("log_cleanup") or {}, reports),
        "disk_free_gb": {
            host: round(report["disk_free"] / 1e9, 1)
            for host, report in sorted(reports.items())
            if "disk_free" in report
        },
        "media_problems": [
            str(finding) for host, report in sorted(reports.items()) for finding in media_faults.silent(host, report)
        ],
        "nodes": nodes,
    }


def _left_out(
    unseen: t.Iterable[str],
    reports: t.Mapping[str, t.Any],
    said: t.Iterable[t.Mapping[str, t.Any]],
    topology: t.Mapping[str, t.Any],
) -> list[str]:
    """The hosts that were left out and of which the client names no node either."""
    named = {node["host"] for node in said}
    addresses = topology.get("addresses") or {}
    return [host for host in unseen if host not in reports and not named & {host, addresses.get(host, host)}]


def _service(nodes: list[dict[str, t.Any]], more: t.Mapping[str, t.Any], whole: bool) -> dict[str, t.Any]:
    """What the client tells an administrator; None where it did not.

    What the cluster survives is only told where the C(whole) of it was inspected.
    """
    shards = (more.get("shards") or {}).get("shards")
    support, stats = more.get("support") or {}, more.get("stats") or {}
    told = {str(node.get("container_id")): node for node in support.get("nodes") or []}
    coreapps = [node for node in nodes if node.get("service") == "coreapp"]
    for node in coreapps:
        node["shards"] = _owned(told.get(str(node["id"]), {}).get("shards"))
    found: dict[str, t.Any] = {
        "shards": shards,
        "owners": {shard: _named(node) for node in coreapps for shard in node["shards"]},
        "standbys": [_named(node) for node in coreapps if node["gateway"] == "disconnected" and not node["errors"]],
        "expires": support.get("expires"),
        "days_left": support.get("days_left"),
        "messages": stats.get("messages"),
        "large_database": stats.get("large_database"),
        "database_connections": _connections(more.get("connections") or []),
        "media_free_gb": media_free_gb(told.values()),
        "survives": None,
        "survives_zones": None,
        "failover_seconds": None,
        "warnings": [],
    }
    topology = more.get("topology") or {}
    if shards and topology and whole:
        # What answers counts, not what the inventory hopes for.
        alive = {
            (node["host"], node["container"]) for node in nodes if node["state"] == "running" and not node["errors"]
        }
        there = [node for node in topology["nodes"] if (node["host"], node["name"]) in alive]
        found |= survival.survival(there, shards)
        found["warnings"] = [str(finding) for finding in overloaded(zones(there), shards)]
        settings = intervals((more.get("settings") or {}).get("settings"))
        found["failover_seconds"] = list(capacity.failover_seconds(len(machines(there)["master"]), **settings))
    return found


def _named(node: t.Mapping[str, t.Any]) -> str:
    """Host and container; where no container was seen, the client's own name of the node."""
    return str(node["container"]) if node["state"] in (_GONE, _NOT_SEEN) else f"{node['host']}/{node['container']}"


def _drained(files: t.Mapping[str, t.Any], reports: t.Mapping[str, t.Any]) -> list[dict[str, str]]:
    """The webapps that a run has taken out of their balancers, that of this moment or one that ended early."""
    return [
        {"host": host, "container": name} for host in files for name in drained(files[host], reports.get(host) or {})
    ]


def _log_cleanup(jobs: t.Mapping[str, t.Any], reports: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The last run of the log cleanup on each host of a node that was inspected; None where none is known."""
    return {host: last_run(job, reports[host]) for host, job in jobs.items() if "engine" in reports.get(host, {})}


def _owned(ranges: t.Any) -> list[int]:
    """The shards in the client's ranges; -1 is the control shard of the primary master."""
    pairs = [pair for pair in ranges if isinstance(pair, list) and len(pair) == 2] if isinstance(ranges, list) else []
    ends = [(whole(low), whole(high)) for low, high in pairs]
    known = [(low, high) for low, high in ends if low is not None and high is not None]
    return [shard for shard in range(max(sharding.ALLOWED)) if any(low <= shard <= high for low, high in known)]


def _connections(numbers: t.Sequence[t.Any]) -> list[int] | None:
    """Connections that the server has and allows; None where it did not report both."""
    return [int(number) for number in numbers] if len(numbers) == 2 else None


def _node(host: str, container: t.Mapping[str, t.Any], said: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    errors = [_error(error) for error in said.get("errors") or []]
    return {
        "host": host,
        "id": container.get("id", said.get("container_id")),
        "container": container.get("name", said.get("name")),
        "service": container["node"] if container else _service_of(said.get("role")),
        "state": _GONE if not container else "running" if container["running"] else "stopped",
        "version": container.get("version"),
        "role": said.get("role") or container.get("node") or None,
        "gateway": said.get("gateway_status"),
        "errors": errors,
    }


def _service_of(role: t.Any) -> str:
    """The service of a node, by the role that the client tells."""
    return "master" if str(role).endswith("_master") else "coreapp" if role == "coreapp" else ""


def _error(error: t.Mapping[str, t.Any]) -> str:
    return " ".join(str(error[key]) for key in ("code", "title") if error.get(key) is not None) or "an error"


def render(status: t.Mapping[str, t.Any]) -> list[str]:
    """The view as lines of text."""
    rows = [{**node, "note": _note(node)} for node in status["nodes"]]
    lines = [f"Cluster {status['cluster']}, client version {status['version'] or 'unknown'}"]
    if status["api_error"]:
        lines.append(f"The API does not answer: {status['api_error']}")
    else:
        registered = {True: "registered", False: "unregistered", None: "registration unknown"}[status["registered"]]
        lines.append(
            f"{registered}; {status['connected_coreapps']} of {status['coreapps']} coreapps connected; "
            f"{status['masters']} masters, primary {status['primary_master'] or 'none'}"
        )
        lines += _lines(status)
    if status["lock"]:
        lines.append(_lock(status["lock"]))
    if status["drained"]:
        lines.append(_out_of_balancers(status))
    if status["disk_free_gb"]:
        lines.append(
            "GB free for Docker: " + ", ".join(f"{host} {free}" for host, free in status["disk_free_gb"].items())
        )
    if status["log_cleanup"]:
        runs = (f"{host} {_run(run)}" for host, run in status["log_cleanup"].items())
        lines.append("Last log cleanup: " + ", ".join(runs))
    return [*lines, *status["media_problems"], "", *table.render(COLUMNS, rows)]


def _run(run: t.Mapping[str, t.Any] | None) -> str:
    if run is None:
        return "none"
    return f"{run['began']} (failed: {failure(run)})" if failure(run) else str(run["began"])


def _lock(lock: t.Mapping[str, t.Any]) -> str:
    if lock.get("error"):
        return f"The lock on {lock['host']} cannot be read: {lock['error']}"
    return f"The {locks.left(lock)}" if lock["expired"] else f"In use by {locks.held(lock)}"


def _out_of_balancers(status: t.Mapping[str, t.Any]) -> str:
    """While a run holds the lock it may have drained them itself, and restores them."""
    named = ", ".join(f"{one['host']}/{one['container']}" for one in status["drained"])
    if locks.in_force(status["lock"]):
        return f"Drained at the balancer while that run lasts: {named}"
    return f"Left drained at the balancer by a run that ended early: {named}. Run site.yml."


def _note(node: t.Mapping[str, t.Any]) -> str:
    owned = node.get("shards") or []
    serves = [f"shard {', '.join(map(str, owned))}"] if owned else []
    return "; ".join([*serves, *(node.get("errors") or [])])


def _lines(status: t.Mapping[str, t.Any]) -> list[str]:
    """What an administrator is told; a line for each thing that is known."""
    lines = []
    if status["shards"]:
        standbys = ", ".join(status["standbys"]) or "none"
        lines.append(f"{status['shards']} shards, {len(status['owners'])} served; standby: {standbys}")
    if status["shards"] and status["not_inspected"]:
        lines.append(
            f"Not inspected: {', '.join(status['not_inspected'])}; so it is not known what the cluster survives"
        )
    if status["survives"]:
        low, high = status["failover_seconds"]
        hosts, *by_zone = [line.capitalize() for line in survival.lines(status)]
        lines += [f"{hosts}; failover within {low} to {high} s", *by_zone, *status["warnings"]]
    if status["expires"]:
        lines.append(f"This version of the client expires on {status['expires'][:10]}, in {status['days_left']} days")
    if status["messages"] is not None:
        size = " (large)" if status["large_database"] else ""
        lines.append(f"{status['messages']} messages in the database{size}")
    if status["database_connections"]:
        used, allowed = status["database_connections"]
        lines.append(f"Database connections: {used} of {allowed}")
    if status["media_free_gb"] is not None:
        lines.append(f"{status['media_free_gb']} GB free for media")
    return lines
