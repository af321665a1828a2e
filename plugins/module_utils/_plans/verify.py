# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a cluster is as it should be: each check gives findings, fatal ones are critical. No I/O."""

from __future__ import annotations

import datetime as dt
import typing as t
from functools import cached_property

from ansible_collections.wabiz.onprem.plugins.module_utils._formats import balancer_statistics as balancer
from ansible_collections.wabiz.onprem.plugins.module_utils._model import health as healths
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.status import holder, media_free_gb
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, merged

CLUSTER = "the cluster"
# Below this multiple of wabiz_minimum_disk_gb room is getting scarce.
SCARCE = 2
_LONGEST_LINE = 1000

Findings = t.Iterator[Finding]


class Look:
    """What was found, as the checks ask for it."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.cluster = facts.observed

    @cached_property
    def answering(self) -> dict[str, Dict]:
        """The surveys of the hosts that could be looked at."""
        return {host: survey for host, survey in self.facts.surveys.items() if "engine" in survey}

    @cached_property
    def whole(self) -> bool:
        """Whether every host of the cluster was looked at, so that what no host runs is known."""
        engines = [self.answering.get(host, {}).get("engine") for host in self.facts.topology["services"]]
        return all(engine and (engine["running"] or not engine["present"]) for engine in engines)

    def needs_engine(self, host: str) -> bool:
        """Whether the inventory has containers on this host; a balancer is none."""
        return bool(set(self.facts.topology["services"][host]) - {"loadbalancer", "retired"})

    @cached_property
    def nodes(self) -> list[tuple[Dict, Dict]]:
        """The nodes of the inventory on hosts whose engine answers, each with its container (empty where missing)."""
        there = {(item["host"], item["name"]): item for item in self.cluster.containers}
        return [
            (node, there.get((node["host"], node["name"]), {}))
            for node in self.facts.topology["nodes"]
            if self.answering.get(node["host"], {}).get("engine", {}).get("running")
        ]

    @cached_property
    def lock(self) -> Dict:
        return holder(self.facts.surveys)

    @property
    def in_use(self) -> bool:
        """Whether an operation is going on, which explains what it changes for its time."""
        return bool(self.lock.get("holder")) and not self.lock["expired"]

    @property
    def limit_gb(self) -> float:
        return float(self.facts.setting("minimum_disk_gb") or 0)

    @property
    def days(self) -> int:
        return int(self.facts.setting("verify_days") or 0)


# --- hosts ------------------------------------------------------------------------------------------------------------


def hosts(look: Look) -> Findings:
    """Every host of the inventory is reached, and its engine answers."""
    for host in look.facts.topology["services"]:
        survey = look.facts.surveys.get(host)
        if survey is None:
            yield Finding(host, "was not looked at.", "Run without --limit.", fatal=False)
        elif "engine" not in survey:
            yield Finding(host, f"cannot be looked at: {_reason(survey)}.", "Check the host and the connection to it.")
        elif not survey["engine"]["running"] and look.needs_engine(host):
            yield Finding(
                host, f"the Docker engine does not answer: {survey['engine']['error']}.", "Start it: run site.yml."
            )


def _reason(survey: Dict) -> str:
    said = str(survey.get("msg") or "").strip() or "no reason given"
    return said.splitlines()[0].removeprefix("Task failed: ").rstrip(".")


def unread(look: Look) -> Findings:
    """What an engine did not tell was not judged."""
    for host, survey in look.answering.items():
        for kind, reason in (survey.get("problems") or {}).items():
            yield Finding(host, f"the engine's {kind} cannot be listed: {reason}.", "Look at it: docker info")


def nodes(look: Look) -> Findings:
    """Every node of the inventory runs."""
    for node, container in look.nodes:
        if not container:
            yield Finding(node["host"], f"{node['name']} is missing.", "Run site.yml.")
        elif not container["running"]:
            yield Finding(
                node["host"], f"{node['name']} does not run.", f"See: docker logs {node['name']}; then run site.yml."
            )


def surplus(look: Look) -> Findings:
    """Nothing else of this cluster is there."""
    wanted = {(node["host"], node["name"]) for node in look.facts.topology["nodes"]}
    for item in look.cluster.containers:
        if (item["host"], item["name"]) not in wanted:
            remedy = "multiconnect.yml removes it" if item["node"] == "coreapp" else "remove it"
            yield Finding(
                item["host"],
                f"{item['name']} is the cluster's and not in the inventory.",
                f"Add it to the inventory, or {remedy}.",
                fatal=False,
            )


def versions(look: Look) -> Findings:
    """One version everywhere, and it is the inventory's."""
    wanted, found = look.facts.setting("version"), _hosts_by(look, "version")
    if len(found) > 1:
        listed = "; ".join(f"{version} on {', '.join(where)}" for version, where in sorted(found.items()))
        yield Finding(CLUSTER, f"nodes run several versions: {listed}.", "Run upgrade.yml again.", fatal=False)
    elif wanted and found and wanted not in found:
        yield Finding(
            CLUSTER,
            f"nodes run version {', '.join(found)}, wabiz_version is {wanted}.",
            "Run upgrade.yml, or correct wabiz_version.",
            fatal=False,
        )


def images(look: Look) -> Findings:
    """One name of an image is one image everywhere."""
    for image in sorted({container["image"] for _node, container in look.nodes if container}):
        found = _hosts_by(look, "image_id", image)
        if len(found) > 1:
            listed = "; ".join(f"{number[:19]} on {', '.join(where)}" for number, where in sorted(found.items()))
            yield Finding(
                CLUSTER,
                f"image {image} is not the same everywhere: {listed}.",
                "Pull it on these hosts and replace their nodes.",
                fatal=False,
            )


def _hosts_by(look: Look, key: str, image: str = "") -> dict[str, list[str]]:
    """Hosts by a property of their nodes' containers, where it is known; of one image or of all."""
    found: dict[str, list[str]] = {}
    for node, container in look.nodes:
        value = container.get(key)
        if value and image in ("", container["image"]):
            where = found.setdefault(value, [])
            where.extend([] if node["host"] in where else [node["host"]])
    return found


def disks(look: Look) -> Findings:
    """Room for Docker on each host."""
    for host, survey in look.answering.items():
        if look.needs_engine(host):
            yield from _room(look, host, survey["disk_free"] / 1e9, "for Docker")


def media(look: Look) -> Findings:
    """Shares that are mounted, and have room, as their hosts see it and as the nodes do."""
    for host, survey in look.answering.items():
        for path, mounted in (survey.get("mounts") or {}).items():
            if not mounted:
                yield Finding(
                    host, f"{path} is not a mount point, so media stay on this host.", "Mount the share: run site.yml."
                )
        for path, free in (survey.get("spaces") or {}).items():
            if free is None:
                yield Finding(host, f"{path} does not tell its free space.", "Look at it: df " + path)
            else:
                yield from _room(look, host, free / 1e9, f"for media ({path})")
    told = media_free_gb(look.facts.support.get("nodes") or [])
    # The unit is not documented, so this alone is not critical.
    if told is not None and told < look.limit_gb:
        yield Finding(CLUSTER, f"nodes tell of {told:.1f} GB free for media.", "Make room there.", fatal=False)


def _room(look: Look, where: str, free: float, purpose: str) -> Findings:
    if free < SCARCE * look.limit_gb:
        limit = f"wabiz_minimum_disk_gb is {look.limit_gb:g}"
        yield Finding(where, f"has {free:.1f} GB free {purpose}.", f"Make room; {limit}.", fatal=free < look.limit_gb)


def database(look: Look) -> Findings:
    """Every node's host reaches a database server of others."""
    for host, survey in look.answering.items():
        for address, error in (survey.get("connections") or {}).items():
            if error:
                yield Finding(host, f"cannot reach the database at {address}: {error}.", "Check it and the firewall.")


# --- what the API says ------------------------------------------------------------------------------------------------


def health(look: Look) -> Findings:
    """The gate of all playbooks: one primary master, every node there, no errors, each shard served."""
    said = look.facts.health
    if not said.get("nodes"):
        reason = str(said.get("msg") or "it names no node").rstrip(".")
        yield Finding(CLUSTER, f"the API does not answer: {reason}.", "Look at webapps, masters and the database.")
        return
    counts = look.facts.topology["counts"]
    wanted = healths.Expectation(
        masters=counts["master"],
        coreapps=counts["coreapp"],
        shards=look.facts.setting("shards") if look.facts.shards is None else look.facts.shards,
        max_errors=len(look.cluster.ghosts) if look.whole else 0,
    )
    for unmet in healths.evaluate(healths.from_report(said), wanted):
        yield Finding(CLUSTER, f"{unmet.expectation}: wanted {unmet.wanted}, found {unmet.found}.", unmet.remedy)


def roles(look: Look) -> Findings:
    """Every master and coreapp that runs is a node of the cluster, by its container."""
    said = look.facts.health.get("nodes") or []
    known = {node["container_id"] for node in said}
    for node, container in look.nodes:
        if said and container.get("running") and node["service"] != "webapp" and container["id"] not in known:
            yield Finding(
                node["host"],
                f"{node['name']} runs, and the cluster does not know it.",
                f"See: docker logs {node['name']}; check that it uses the same database.",
            )


def others(look: Look) -> Findings:
    """Nodes that the cluster names and no host runs."""
    if not look.whole:
        return
    if look.cluster.strangers:
        yield Finding(
            CLUSTER,
            f"nodes answer that no host of the inventory runs: {', '.join(look.cluster.strangers)}.",
            "Add their hosts to the inventory, or stop them.",
            fatal=False,
        )
    if look.cluster.ghosts:
        yield Finding(
            CLUSTER,
            f"nodes that are gone are still named: {', '.join(look.cluster.ghosts)}.",
            "The cluster forgets them after some minutes.",
            fatal=False,
        )


def registration(look: Look) -> Findings:
    """A number is registered, and the cluster has as many shards as the inventory wants."""
    registered, wanted = look.cluster.summary.get("registered"), look.facts.setting("shards")
    if registered is False:
        yield Finding(CLUSTER, "no phone number is registered.", "Run register.yml.", fatal=False)
    if look.facts.shards is not None and wanted and look.facts.shards != wanted:
        yield Finding(
            CLUSTER, f"has {look.facts.shards} shards, wabiz_shards is {wanted}.", "Run multiconnect.yml.", fatal=False
        )


def webapps(look: Look) -> Findings:
    """Each webapp by itself serves requests."""
    for webapp in look.facts.snapshot.get("webapps") or []:
        if not webapp["ok"]:
            yield Finding(
                webapp["endpoint"],
                f"the webapp does not serve requests: {webapp['error'].rstrip('.')}.",
                "Check its container and its database.",
            )


def certificates(look: Look) -> Findings:
    """The webapps' certificates last."""
    today = dt.date.fromisoformat(look.facts.today)
    for webapp in look.facts.snapshot.get("webapps") or []:
        if webapp["certificate_until"]:
            left = (dt.date.fromisoformat(webapp["certificate_until"]) - today).days
            yield from _ends(look, webapp["endpoint"], "its certificate", left, "Give the webapps a new certificate.")


def expiry(look: Look) -> Findings:
    """This version of the client lasts."""
    left = look.facts.support.get("days_left")
    if left is not None:
        yield from _ends(look, CLUSTER, "this version of the client", left, "Run upgrade.yml with a newer version.")


def _ends(look: Look, where: str, what: str, left: int, remedy: str) -> Findings:
    if left < 0:
        yield Finding(where, f"{what} has expired.", remedy)
    elif left < look.days:
        yield Finding(where, f"{what} expires in {left} day(s).", remedy, fatal=False)


def unknown(look: Look) -> Findings:
    """What the API did not tell was not judged."""
    parts = look.facts.snapshot.get("problems") or {}
    for part, reason in parts.items():
        # That the health cannot be read is a finding of its own.
        if part != "health":
            yield Finding(CLUSTER, f"{part}: {reason.rstrip('.')}.", "This was not judged.", fatal=False)


# --- what operations leave --------------------------------------------------------------------------------------------


def balanced(look: Look) -> Findings:
    """Every balancer answers and sends requests to every webapp of the inventory."""
    for host, path in look.facts.topology["balancer_socket"].items():
        if not path or host not in look.answering:
            continue
        statistics = look.answering[host].get("balancer")
        if not statistics:
            yield Finding(host, "the balancer does not answer.", "Run loadbalancer.yml.")
            continue
        found = balancer.servers(statistics)
        if not any(server["status"] == "UP" for server in found.values()):
            yield Finding(host, "the balancer serves no webapp.", "Check the webapps.")
        for name in (server["name"] for server in look.facts.topology["balanced"]):
            state = found.get(name, {}).get("status", "")
            if state in ("DRAIN", "MAINT"):
                if not look.in_use:
                    yield Finding(
                        host, f"webapp {name} is taken out of the balancer ({state}).", "Run site.yml.", fatal=False
                    )
            elif state != "UP":
                what = f"is {state}" if state else "is unknown"
                yield Finding(host, f"webapp {name} {what} at the balancer.", "Check the webapp.", fatal=False)


def lock(look: Look) -> Findings:
    """A lock that has ended was left by a run that was killed."""
    if look.lock.get("error"):
        yield Finding(look.lock["host"], f"the lock: {look.lock['error']}.", "Look at the file.", fatal=False)
    elif look.lock and not look.in_use:
        yield Finding(
            look.lock["host"],
            f"{holder_text(look.lock)} left the lock, which ended at {look.lock['until']}.",
            "Run that playbook again.",
            fatal=False,
        )


def holder_text(found: Dict) -> str:
    """Who holds the lock, and what for."""
    return f"{found['holder']} ({found['purpose']})" if found["purpose"] else str(found["holder"])


def leftovers(look: Look) -> Findings:
    """What an upgrade that was killed has left; one that is going on is entitled to it."""
    texts = {
        "heartbeat": "the heartbeat's settings are still those of an upgrade.",
        "upgrade": "an upgrade was begun and is not finished.",
    }
    for host, survey in look.answering.items():
        for what, path in look.facts.topology["unfinished"][host].items():
            if (survey.get("files") or {}).get(path) and not look.in_use:
                yield Finding(host, texts[what], f"Run upgrade.yml again ({path}).", fatal=False)


CHECKS: tuple[t.Callable[[Look], Findings], ...] = (
    *(hosts, unread, nodes, surplus, versions, images, disks, media, database),
    *(health, roles, others, registration, webapps, certificates, expiry, unknown),
    *(balanced, lock, leftovers),
)


# --- the result -------------------------------------------------------------------------------------------------------


def plan(facts: Facts) -> dict[str, t.Any]:
    """All findings, critical ones first, as data, as text and in one line for Nagios."""
    look = Look(facts)
    found = sorted(merged([one for check in CHECKS for one in check(look)]), key=lambda one: not one.fatal)
    critical, warnings = ([str(one) for one in found if one.fatal is fatal] for fatal in (True, False))
    state = "CRITICAL" if critical else "WARNING" if warnings else "OK"
    notes = _notes(look)
    return {
        "cluster": facts.topology["cluster"],
        "state": state,
        "line": _line(state, [*critical, *warnings] or notes, len(critical), len(warnings)),
        "critical": critical,
        "warnings": warnings,
        "notes": notes,
        "findings": [_as_dict(one) for one in found],
        "webapps": list(facts.snapshot.get("webapps") or []),
        "shards": facts.shards,
        "version": facts.health.get("version"),
        "days_left": facts.support.get("days_left"),
        "lock": dict(look.lock),
        "text": [
            f"Cluster {facts.topology['cluster']}: {state}",
            *(f"Critical: {text}" for text in critical),
            *(f"Warning: {text}" for text in warnings),
            *notes,
        ],
    }


def _notes(look: Look) -> list[str]:
    """What is to be known and is no fault."""
    summary = look.cluster.summary
    running = sum(bool(container.get("running")) for _node, container in look.nodes)
    notes = [f"{running} of {len(look.facts.topology['nodes'])} nodes run"]
    if summary.get("registered"):
        shards = "an unknown number of" if look.facts.shards is None else look.facts.shards
        notes.append(f"{summary.get('connected_coreapps')} coreapps are connected for {shards} shards")
    if look.in_use:
        notes.append(f"in use by {holder_text(look.lock)} until {look.lock['until']}")
    return notes


def _line(state: str, texts: t.Sequence[str], critical: int, warnings: int) -> str:
    """Nagios takes one line, with figures behind the first vertical bar."""
    said = " ".join("; ".join(texts).replace("|", "/").split())
    shown = said if len(said) <= _LONGEST_LINE else f"{said[:_LONGEST_LINE]}..."
    return f"WABIZ {state} - {shown} | critical={critical} warning={warnings}"


def _as_dict(finding: Finding) -> dict[str, str]:
    level = "critical" if finding.fatal else "warning"
    return {"level": level, "where": finding.where, "problem": finding.problem, "remedy": finding.remedy}
