# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a change of the number of shards: what will happen, what it costs, what speaks against it. No I/O."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import typing as t
from dataclasses import dataclass

from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict, ObservedCluster
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity, sharding

COLUMNS = ("step", "what", "where", "without service")
OLD_CERTIFICATE_DAYS = 180


@dataclass(frozen=True)
class Change:
    """What is wanted. `certificate` and `certificate_date` (YYYY-MM-DD) are empty where not given.

    `heartbeat` and `unhealthy` are the wanted intervals in seconds, 0 where the inventory leaves them alone.
    """

    wanted: int
    number: str
    certificate: str = ""
    certificate_date: str = ""
    today: str = ""
    heartbeat: int = 0
    unhealthy: int = 0


def plan(cluster: ObservedCluster, change: Change) -> dict[str, t.Any]:
    """The plan as data; `text` is its rendering."""
    steps = _steps(cluster, change)
    found: dict[str, t.Any] = {
        "current": cluster.shards,
        "wanted": change.wanted,
        "steps": [{"step": number, **step} for number, step in enumerate(steps, 1)],
        "refusals": refusals(cluster, change),
        "warnings": warnings(cluster, change),
        "surplus": [{key: item[key] for key in ("host", "name", "id")} for item in cluster.surplus],
        "missing": [{key: item[key] for key in ("host", "name")} for item in cluster.missing],
        "tolerated": cluster.tolerated,
        "survives": capacity.survival(cluster.machines, change.wanted)._asdict(),
        "failover_seconds": list(_failover(cluster, change)),
    }
    return {**found, "text": render(found)}


def _failover(cluster: ObservedCluster, change: Change | None = None) -> tuple[int, int]:
    """By the intervals in force, or by those that a change brings."""
    heartbeat = (change and change.heartbeat) or cluster.heartbeat
    unhealthy = (change and change.unhealthy) or cluster.unhealthy
    return capacity.failover_seconds(len(cluster.machines["master"]), heartbeat, unhealthy)


def _steps(cluster: ObservedCluster, change: Change) -> list[dict[str, t.Any]]:
    rows = [_row(f"start {names}", host, "none") for host, names in _by_host(cluster.missing)]
    return [
        *rows,
        *_replacements(cluster),
        *_intervals(cluster, change),
        *_shards(cluster, change),
        *_removals(cluster, change),
    ]


def _replacements(cluster: ObservedCluster) -> t.Iterator[dict[str, t.Any]]:
    """Connected coreapps come last, when a standby that is as it should be can take over."""
    connected = {node.name for node in capacity.coreapps(cluster.health.get("nodes") or []) if node.connected}
    for item in sorted(cluster.changed, key=lambda item: item["id"] in connected):
        low, high = _failover(cluster)
        away = f"one shard, {low} to {high} s" if item["id"] in connected else "none"
        yield _row(f"replace {item['name']}", item["host"], away, low, high)


def _intervals(cluster: ObservedCluster, change: Change) -> t.Iterator[dict[str, t.Any]]:
    pairs = {
        "heartbeat_interval": (change.heartbeat, cluster.heartbeat),
        "unhealthy_interval": (change.unhealthy, cluster.unhealthy),
    }
    for name, (wanted, present) in pairs.items():
        if wanted and wanted != present:
            yield _row(f"set {name} {wanted} s, so far {present}", "application settings", "none")


def _shards(cluster: ObservedCluster, change: Change) -> t.Iterator[dict[str, t.Any]]:
    if cluster.shards != change.wanted:
        low, high = capacity.RESTART_SECONDS
        what = f"set {change.wanted} shards, so far {cluster.shards or 'unknown'}"
        yield _row(what, "all coreapps", f"every shard, {low} to {high} s", low, high)


def _removals(cluster: ObservedCluster, change: Change) -> t.Iterator[dict[str, t.Any]]:
    """The surplus goes one at a time; which of them is connected after a restart is not known before."""
    known = {coreapp.name: coreapp for coreapp in capacity.coreapps(cluster.health.get("nodes") or [])}
    restart = cluster.shards != change.wanted
    low, high = _failover(cluster, change)
    maybe, surely = f"none, or one shard at a time, {low} to {high} s", f"one shard at a time, {low} to {high} s"
    found: dict[str, list[Dict]] = {"none": [], maybe: [], surely: []}
    for item in cluster.surplus:
        coreapp = known.get(item["id"])
        serves = coreapp is not None and coreapp.healthy and (restart or coreapp.connected)
        found["none" if not serves else maybe if restart else surely].append(item)
    for away, items in found.items():
        for host, names in _by_host(items):
            yield _row(f"remove {names}", host, away, low if away == surely else 0, high)


def _row(what: str, where: str, away: str, low: int = 0, high: int = 0) -> dict[str, t.Any]:
    """A step; `seconds` is the least and most that any one shard is without service."""
    seconds = [0, 0] if away == "none" else [low, high]
    return {"what": what, "where": where, "without service": away, "seconds": seconds}


def _by_host(nodes: t.Iterable[Dict]) -> list[tuple[str, str]]:
    hosts: dict[str, list[str]] = {}
    for node in nodes:
        hosts.setdefault(node["host"], []).append(node["name"])
    return [(host, _listed(sorted(names, key=lambda name: (len(name), name)))) for host, names in hosts.items()]


def _listed(names: t.Sequence[str]) -> str:
    """Names in a row; of many the first and the last."""
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} ... {names[-1]} ({len(names)} in all)"


# --- what speaks against it -----------------------------------------------------------------------------------------


def refusals(cluster: ObservedCluster, change: Change) -> list[str]:
    """Why nothing is done; empty where nothing speaks against it."""
    checks = (_whole, _allowed, _enough, _registered, _number, _certificate)
    return [text for check in checks for text in check(cluster, change)]


def _whole(cluster: ObservedCluster, _change: Change) -> t.Iterator[str]:
    left_out = sorted({node["host"] for node in cluster.topology["nodes"]} - set(cluster.reports))
    if left_out:
        yield f"Hosts are left out: {', '.join(left_out)}. Run without --limit."


def _allowed(_cluster: ObservedCluster, change: Change) -> t.Iterator[str]:
    if change.wanted not in sharding.ALLOWED:
        yield f"wabiz_shards is {change.wanted}. Choose one of {', '.join(map(str, sharding.ALLOWED))}."


def _enough(cluster: ObservedCluster, change: Change) -> t.Iterator[str]:
    count = len(cluster.machines["coreapp"])
    if count < change.wanted:
        yield f"{change.wanted} shards need as many coreapps, the inventory has {count}. Add coreapps."


def _registered(cluster: ObservedCluster, _change: Change) -> t.Iterator[str]:
    if not cluster.health.get("nodes"):
        yield f"The API does not answer: {cluster.health.get('msg', 'no reason given')} Run playbook site.yml first."
    elif cluster.summary.get("single_instance"):
        yield "This is a single instance, not a cluster. Run playbook site.yml first."
    elif cluster.summary.get("registered") is None:
        reason = cluster.health.get("msg", "no reason given")
        yield f"The cluster does not tell whether a number is registered: {reason}"
    elif not cluster.summary["registered"]:
        yield "No phone number is registered. Run playbook register.yml first."


def _number(cluster: ObservedCluster, change: Change) -> t.Iterator[str]:
    said = {str(node.get("debug_info") or "") for node in (cluster.support or {}).get("nodes") or []}
    registered = {number for number in said if number.isdecimal()}
    if registered and registered != {change.number}:
        numbers = ", ".join(sorted(registered))
        yield f"The registered number is {numbers}, the inventory says {change.number}. Correct wabiz_phone_*."


def _certificate(cluster: ObservedCluster, change: Change) -> t.Iterator[str]:
    if cluster.shards == change.wanted:
        return
    version = cluster.health.get("version")
    if not change.certificate:
        if version is None or versions.shards_certificate_required(version):
            yield f"Version {version or 'unknown'} requires the verified-name certificate. Set wabiz_certificate."
    elif not is_base64(change.certificate):
        yield "wabiz_certificate is not base64. Copy it from the Business Manager again."


def is_base64(text: str) -> bool:
    """Whether a text can be decoded; line breaks, as mail programs make them, do not matter."""
    try:
        return bool(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        return False


def warnings(cluster: ObservedCluster, change: Change) -> list[str]:
    """What is allowed and unwise."""
    checks = (_stand_by, _masters, _crowded, _old_certificate, _outsiders)
    return [text for check in checks for text in check(cluster, change)]


def _stand_by(cluster: ObservedCluster, change: Change) -> t.Iterator[str]:
    if len(cluster.machines["coreapp"]) == change.wanted:
        yield "There is no standby: a coreapp that fails takes its shard out of service."


def _masters(cluster: ObservedCluster, _change: Change) -> t.Iterator[str]:
    if len(cluster.machines["master"]) > 3:
        yield "More than three masters are of no use."


def _crowded(cluster: ObservedCluster, _change: Change) -> t.Iterator[str]:
    for service, counts in capacity.crowded(cluster.machines).items():
        listed = ", ".join(f"{machine} ({count})" for machine, count in counts.items())
        yield f"Several nodes of service {service} on one machine fail together: {listed}."


def _old_certificate(cluster: ObservedCluster, change: Change) -> t.Iterator[str]:
    if cluster.shards == change.wanted or not (change.certificate and change.certificate_date and change.today):
        return
    age = (dt.date.fromisoformat(change.today) - dt.date.fromisoformat(change.certificate_date)).days
    if age > OLD_CERTIFICATE_DAYS:
        yield (
            f"The certificate is {age} days old (wabiz_certificate_date); an expired one endangers the account. "
            "Get a fresh one from the Business Manager."
        )


def _outsiders(cluster: ObservedCluster, _change: Change) -> t.Iterator[str]:
    if cluster.strangers:
        names = ", ".join(cluster.strangers)
        yield f"Nodes answer that no host of the inventory runs: {names}. Put their hosts into group retired."


# --- how it is shown ------------------------------------------------------------------------------------------------


def render(found: Dict) -> list[str]:
    """The plan as lines of text."""
    low, high = found["failover_seconds"]
    lines = [f"Shards: {found['current'] or 'unknown'}, wanted {found['wanted']}", ""]
    lines += table.render(COLUMNS, found["steps"]) if found["steps"] else ["Nothing to do."]
    lines += ["", f"Afterwards: {survival_text(found['survives'])}."]
    lines += [f"A coreapp that fails is found and replaced within {low} to {high} s."]
    lines += [f"Warning: {text}" for text in found["warnings"]]
    return [*lines, *(f"Refused: {text}" for text in found["refusals"])]


def survival_text(survives: Dict) -> str:
    """How many hosts may fail, in words."""
    least = min(survives.values())
    details = ", ".join(f"{service} {max(count, 0)}" for service, count in survives.items())
    if least < 0:
        return f"something is missing already (hosts that each service could lose: {details})"
    hosts = "no host's failure" if least == 0 else f"the failure of any {least} host(s)"
    return f"the cluster survives {hosts} (hosts that each service could lose: {details})"
