# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of an upgrade's replacements, played through before anything happens. Pure functions, no I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.ids import short
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.situation import Member, Situation
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.replacement import next_replacement

# Estimates of how long it takes until a replaced container answers, in seconds.
REPLACE_SECONDS = {"webapp": 30, "master": 20, "coreapp": 20}

Row = dict[str, t.Any]
Nodes = list[dict[str, t.Any]]


def replacements(found: Situation) -> list[Row]:
    """A row for each container that is started or replaced, in the order in which that is going to happen."""
    nodes = [dict(node) for node in found.health.get("nodes") or []]
    return [row for service in SERVICES for row in _service(found, service, nodes)]


def _service(found: Situation, service: str, nodes: Nodes) -> t.Iterator[Row]:
    members = [member for member in found.members if member.service == service]
    shards = int(found.shards or 0)
    done = [_item(member) for member in members if member.state == "same"]
    candidates = [_item(member) for member in members if member.state == "changed"]
    for member in members:
        if member.state == "fresh":
            left = _left(service, len(members), len(done) + len(candidates), nodes, shards)
            yield _row(f"start {member.name}", member, member.reason, left)
            done.append(_renew(_item(member), nodes, len(done), shards))
    by_place = {(member.host, member.name): member for member in members}
    for _round in candidates:
        chosen = next_replacement(candidates, nodes, shards, done)
        member = by_place[chosen["host"], chosen["name"]]
        outage = _outage(found, chosen)
        _stop(chosen, nodes)
        left = _left(service, len(members), len(members) - 1, nodes, shards)
        if chosen["connected"] and _served(nodes) == shards:
            left = f"{shards - 1} of {shards} shards for {outage[0]} to {outage[1]} s, then {left}"
        note = chosen["reason"] if chosen["allowed"] else f"not while {chosen['reason']}"
        reason = "; ".join(dict.fromkeys(text for text in (member.reason, note) if text))
        yield _row(f"replace {_title(member, chosen)}", member, reason, left, outage)
        done.append(_renew(chosen, nodes, len(done), shards))


def _item(member: Member) -> dict[str, str]:
    return {"host": member.host, "name": member.name, "id": short(member.id), "service": member.service}


def _title(member: Member, chosen: t.Mapping[str, t.Any]) -> str:
    kind = {"primary_master": "primary", "secondary_master": "secondary"}.get(chosen["role"], "")
    if member.service == "coreapp":
        kind = "connected" if chosen["connected"] else "standby"
    return f"{member.name} ({kind})" if kind else member.name


def _outage(found: Situation, chosen: t.Mapping[str, t.Any]) -> list[int]:
    """Least and most seconds without service of the one shard that moves, while the heartbeat intervals are short."""
    if not chosen["connected"]:
        return [0, 0]
    if len(found.machines["coreapp"]) <= int(found.shards or 0):
        return [REPLACE_SECONDS["coreapp"], capacity.RESTART_SECONDS[1]]
    heartbeat, unhealthy = shortened(found)
    return list(capacity.failover_seconds(len(found.machines["master"]), heartbeat, unhealthy))


def shortened(found: Situation) -> tuple[int, int]:
    """The two heartbeat intervals for the time of the upgrade, in seconds; never longer than those in force."""
    return min(found.heartbeat, found.wish.heartbeat_interval), min(found.unhealthy, found.wish.unhealthy_interval)


def _stop(chosen: t.Mapping[str, t.Any], nodes: Nodes) -> None:
    """Takes a node out of the picture and gives its work to another."""
    own = short(chosen["id"])
    nodes[:] = [node for node in nodes if not own or node["container_id"] != own]
    if chosen["role"] == "primary_master":
        _promote(nodes, "role", "secondary_master", "primary_master")
    if chosen["connected"]:
        _promote(nodes, "gateway_status", "disconnected", "connected", role="coreapp")


def _promote(nodes: Nodes, key: str, before: str, after: str, role: str = "") -> None:
    able = [node for node in nodes if node[key] == before and not node["errors"] and role in ("", node["role"])]
    # The newest, as that is the one that need not be replaced any more.
    for node in able[-1:]:
        node[key] = after


def _renew(item: t.Mapping[str, t.Any], nodes: Nodes, number: int, shards: int) -> dict[str, str]:
    """A container that was just started: a secondary, or a standby unless a shard has no coreapp."""
    own = f"{item['service']}-{number}"
    if item["service"] != "webapp":
        role = "secondary_master" if item["service"] == "master" else "coreapp"
        status = "connected" if role == "coreapp" and _served(nodes) < shards else "disconnected"
        nodes.append({"container_id": own, "role": role, "gateway_status": status, "errors": []})
    return {"host": item["host"], "name": item["name"], "id": own}


def _served(nodes: Nodes) -> int:
    return sum(node["role"] == "coreapp" and node["gateway_status"] == "connected" for node in nodes)


def _left(service: str, total: int, running: int, nodes: Nodes, shards: int) -> str:
    """What a service has while one of its containers is unavailable."""
    answering = [node for node in nodes if not node["errors"]]
    if service == "webapp":
        return f"{running} of {total} webapps"
    if service == "master":
        return f"{sum(str(node['role']).endswith('_master') for node in answering)} of {total} masters"
    spare = sum(node["role"] == "coreapp" and node["gateway_status"] == "disconnected" for node in answering)
    return f"{_served(answering)} of {shards} shards, {spare} standby"


def _row(what: str, member: Member, reason: str, left: str, outage: t.Sequence[int] = (0, 0)) -> Row:
    seconds = REPLACE_SECONDS[member.service]
    return {
        "what": what,
        "where": member.host,
        "reason": reason,
        "capacity left": left,
        "seconds": [seconds, seconds + outage[1]],
        "away": list(outage),
        "service": member.service,
        "point_of_no_return": False,
    }
