# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the settings of all hosts together, and says who runs what."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils._host import stamp
from ansible_collections.wabiz.onprem.plugins.module_utils._model import health as healths
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import parts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.authority import certificate_stale
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, merged, refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight import (
    Cluster,
    host_findings,
    inventory_findings,
)
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
from ansible_collections.wabiz.onprem.plugins.plugin_utils.edition import edition
from ansible_collections.wabiz.onprem.plugins.plugin_utils.holder import holder
from ansible_collections.wabiz.onprem.plugins.plugin_utils.host_settings import (
    cluster_groups,
    host_settings,
    renamed_groups,
)


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        args = self.validate_argument_spec(
            {
                "reader": {"type": "str", "required": True},
                "stage": {"choices": ["topology", "inventory", "hosts"], "default": "inventory"},
                "allow_version_change": {"type": "bool", "default": False},
                "reports": {"type": "dict", "default": {}},
                "refuse": {"type": "bool", "default": True},
            }
        )[1]
        variables = task_vars or {}
        cluster, findings = self._cluster(variables, args["reader"])
        if args["stage"] == "hosts":
            reports = args["reports"] or self._reports(variables, cluster)
            findings = host_findings(cluster, reports, args["allow_version_change"])
        else:
            findings += inventory_findings(cluster, whole=args["stage"] == "inventory")
        # A run that looks twice, the second time with the lock, says each thing once.
        before = variables.get("_wabiz_judged") or {}
        told = [str(finding) for finding in merged(findings) if not finding.fatal]
        result["warnings"] = [warning for warning in told if warning not in before.get("told", [])]
        message = refusal(findings)
        if message and args["refuse"]:
            return {**result, "failed": True, "msg": message}
        result["changed"] = False
        if args["stage"] == "hosts":
            needs_lock = not ("_wabiz_locked" in variables or self._task.check_mode)
            judged = what_follows(cluster, reports, args["reader"], message, needs_lock, before.get("due"))
            return {**result, "told": told, **judged}
        return {**result, **topology(cluster), "playbook": args["reader"], "holder": holder(variables)}

    def _reports(self, task_vars: dict[str, t.Any], cluster: Cluster) -> dict[str, t.Any]:
        """What the hosts of this play said of themselves."""
        played = task_vars["ansible_play_hosts_all"]
        return {
            host: task_vars["hostvars"][host].get("_wabiz_survey") or {} for host in cluster.hosts if host in played
        }

    def _cluster(self, task_vars: dict[str, t.Any], reader: str) -> tuple[Cluster, list[Finding]]:
        hostvars, all_groups = task_vars["hostvars"], task_vars["groups"]
        template = self._templar.template
        renamed = renamed_groups(task_vars.get("wabiz_groups"), template)
        groups = cluster_groups(renamed, all_groups)
        wanted = [variable for variable in declared().read_by(reader) if not variable.deferred]
        findings: list[Finding] = []
        variables: dict[str, dict[str, t.Any]] = {}
        for host in dict.fromkeys(host for hosts in groups.values() for host in hosts):
            published = hostvars[host].get("_wabiz")
            if isinstance(published, Mapping) and "findings" in published:
                variables[host] = dict(published)
                findings += [Finding(**finding) for finding in published["findings"]]
            else:
                # Left out by --limit: it is not changed, but it counts.
                settings = host_settings(host, hostvars[host], wanted, lambda value: value)
                variables[host] = settings.values
                findings += settings.findings
        everywhere = {group: list(hosts) for group, hosts in all_groups.items()}
        same = {variable.key: not variable.secret for variable in wanted if variable.same}
        # What was given and is wrong is not missing as well.
        faulty = frozenset(finding.variable for finding in findings)
        required = tuple(variable.key for variable in declared().required_by(reader) if variable.name not in faulty)
        return Cluster(groups, variables, everywhere, same, required, faulty, renamed), findings


def topology(cluster: Cluster) -> dict[str, t.Any]:
    """Plain data for playbooks: groups under our own names, services by host, nodes with their ports."""
    return {
        "cluster": cluster.name,
        # Everything that outlives a run is on the first webapp's host; the lock, which need not, goes with a reboot.
        "keeper": cluster.keeper,
        "lock": cluster.lock,
        "number": cluster.number(),
        "groups": cluster.groups,
        "services": {
            host: [group for group, hosts in cluster.groups.items() if host in hosts and group != "retired"]
            or ["retired"]
            for host in cluster.hosts
        },
        "membership": [{"host": host, "groups": _our_groups(cluster, host)} for host in cluster.hosts],
        "counts": {service: len(cluster.nodes(service)) for service in ("webapp", "master", "coreapp")},
        "nodes": [
            {
                "host": node.host,
                "service": node.service,
                "name": node.name,
                "address": cluster.address(node.host),
                "port": node.ports[0],
            }
            for node in cluster.all_nodes()
        ],
        "balanced": _servers(cluster),
        "addresses": {host: cluster.address(host) for host in cluster.hosts},
        "images": {host: _images(cluster, host) for host in cluster.hosts},
        "stale": {host: cluster.stale_records(host) for host in cluster.hosts},
        "parts": {host: parts.resources(cluster, host) for host in cluster.hosts},
        "survey": {host: _survey(cluster, host) for host in cluster.hosts},
        "unfinished": {host: cluster.unfinished(host) for host in cluster.hosts},
        "media": {host: _media(cluster, host) for host in cluster.hosts},
        "balancer_socket": {host: cluster.balancer_socket(host) for host in cluster.hosts},
        "endpoints": [
            f"https://{cluster.variables[node.host]['url_host']}:{node.ports[0]}" for node in cluster.nodes("webapp")
        ],
    }


def _our_groups(cluster: Cluster, host: str) -> list[str]:
    """The groups of our own names for a host, so that a site's group names matter nowhere else."""
    services = [group for group, hosts in cluster.groups.items() if host in hosts and group != "retired"] or ["retired"]
    node = ["wabiz_node"] if host in cluster.node_hosts else []
    return ["wabiz_host", *map("wabiz_{}".format, services), *node]


def _survey(cluster: Cluster, host: str) -> dict[str, t.Any]:
    """What M(wabiz.onprem.host_info) is asked about a host."""
    settings = cluster.variables[host]
    nodes = [node for node in [*cluster.all_nodes(), *cluster.balancers()] if node.host == host]
    return {
        "config_directories": list(dict.fromkeys([settings["config_directory"], "/etc/wabiz"])),
        "images": _images(cluster, host),
        "ports": [port for node in nodes for port in node.ports],
        "paths": _mounts(cluster, host),
        "files": cluster.files(host),
        "connect": _connect(cluster, host),
        "resolve": cluster.names(host),
        **({"lock_path": cluster.lock} if host == cluster.keeper else {}),
        **({"balancer_socket": cluster.balancer_socket(host)} if cluster.balancer_socket(host) else {}),
        "parts": parts.resources(cluster, host),
        "spaces": _media(cluster, host),
        "stamp": f"{settings['directory']}/{stamp.FILE}",
        **(_certificate_authority(cluster, host) if host in cluster.groups["webapp"] else {}),
    }


def _certificate_authority(cluster: Cluster, host: str) -> dict[str, t.Any]:
    """The webapps' own CA certificate, and our copy of it: the client may make a new one."""
    first = next(node.name for node in cluster.nodes("webapp") if node.host == host)
    return {
        "ca_of": {"container": first, "path": "/var/lib/whatsapp/ca.pem"},
        "file_digests": [cluster.certificate_authority(host)],
    }


# What a playbook brings about where it is not all of it.
_SCOPES = {
    "multiconnect": ("engine", "media", "coreapp", "number", "log_cleanup"),
    # What is drained is restored by it anyway.
    "upgrade": SERVICES,
}


def what_follows(
    cluster: Cluster,
    reports: dict[str, t.Any],
    playbook: str,
    refused: str,
    needs_lock: bool,
    before: Mapping[str, dict[str, str]] | None = None,
) -> dict[str, t.Any]:
    """What is due, whether the lock has to be taken for it and the client asked afterwards; or why nothing can be done.

    C(before) is what an earlier look found due, which is done as well.
    """
    kept = reports.get(cluster.keeper, {})
    if needs_lock and kept.get("lock"):
        # Someone else is at work, or was: what the hosts say may change at any moment. The lock tells.
        return {"refusal": "", "due": {}, "due_groups": [_keeper_in(cluster, "wabiz_locking")], "wanted": {}}
    if refused:
        return {"refusal": refused}
    found = due_parts(cluster, reports, playbook, before)
    if found["due"] and needs_lock:
        found["due_groups"].append(_keeper_in(cluster, "wabiz_locking"))
    if found["due"] or not as_expected(cluster, kept.get("health") or {}):
        found["due_groups"].append(_keeper_in(cluster, "wabiz_unverified"))
    return {"refusal": "", **found}


def _keeper_in(cluster: Cluster, group: str) -> dict[str, t.Any]:
    """A group that has a host says that something is to be done once for the whole cluster."""
    return {"host": cluster.keeper, "groups": [group]}


def due_parts(
    cluster: Cluster, reports: dict[str, t.Any], playbook: str, before: Mapping[str, dict[str, str]] | None = None
) -> dict[str, t.Any]:
    """By host the parts that are not what the last run left, or not what is wanted now, and what is wanted."""
    wanted = {host: _wanted(cluster, host) for host in reports}
    due = {host: parts.due(wanted[host], report) for host, report in reports.items()}
    authority = _authority(cluster, reports)
    with_containers = {*cluster.node_hosts, *cluster.groups["database"]}
    for host, report in reports.items():
        if host in with_containers and parts.engine_due(report):
            due[host]["engine"] = "Docker, or what the modules need beside it, is missing"
        if any(report["files"].get(path) for path in cluster.drained(host).values()):
            due[host]["drained"] = "a run that ended early left a webapp drained"
        if report["files"].get(cluster.unfinished(host).get("heartbeat")):
            due[host]["heartbeat"] = "a run that ended early left other settings of the heartbeat"
        # A retired host keeps what it has until its containers are removed.
        played = host in with_containers or host in cluster.groups["loadbalancer"]
        if played and any(report["files"].get(path) for path in cluster.stale_records(host)):
            due[host]["stale"] = "it holds the record of a service that it no longer runs"
        if host in cluster.groups["webapp"] and certificate_stale(report, cluster.certificate_authority(host)):
            due[host]["webapp"] = "the webapps have another CA certificate than our copy of it"
        if host in cluster.node_hosts and _unnoted(cluster, report):
            due[host]["number"] = "the phone number is not noted yet"
        # The webapps make their CA certificate at their first start.
        if "loadbalancer" in wanted[host] and (not authority or any("webapp" in named for named in due.values())):
            due[host].setdefault("loadbalancer", "the webapps, or their CA certificate, may change")
    scope = _SCOPES.get(playbook)
    found = {
        host: {
            part: reason
            for part, reason in {**(before or {}).get(host, {}), **named}.items()
            if scope is None or part in scope
        }
        for host, named in due.items()
    }
    found = {host: named for host, named in found.items() if named}
    groups = [
        {"host": host, "groups": ["wabiz_due", *map("wabiz_due_{}".format, named)]} for host, named in found.items()
    ]
    return {"due": found, "due_groups": groups, "wanted": wanted}


def as_expected(cluster: Cluster, health: Mapping[str, t.Any]) -> bool:
    """Whether the look at the hosts, with what the client said meanwhile, is the verification already."""
    if "nodes" not in health:
        return False
    wanted = healths.Expectation(
        masters=len(cluster.nodes("master")), coreapps=len(cluster.nodes("coreapp")), shards=cluster.value("shards")
    )
    return not healths.evaluate(healths.from_report(health), wanted)


def _wanted(cluster: Cluster, host: str) -> dict[str, str]:
    """A digest of what each part of a host is made from."""
    settings, found = cluster.variables[host], {}
    for part in parts.resources(cluster, host):
        readable = [one for one in declared().read_by(f"role {part}") if one.key in settings]
        values = {one.key: settings[one.key] for one in readable}
        values |= {key: settings[key] for key in ("directory", "ansible_host", "url_host") if key in settings}
        servers = _servers(cluster) if part == "loadbalancer" else []
        secret = {one.key for one in readable if one.secret}
        found[part] = parts.digest(values, secret, [edition(), servers])
    return found


def _authority(cluster: Cluster, reports: dict[str, t.Any]) -> bool:
    """Whether the CA certificate that the balancers are given is the one that the last run gave them."""
    first = cluster.keeper
    if cluster.value("api_ca_path") or first not in reports:
        return False
    path = cluster.certificate_authority(first)
    there = (reports[first]["fingerprints"].get("webapp") or {}).get(f"file {path}")
    noted = ((reports[first]["stamp"].get("webapp") or {}).get("found") or {}).get(f"file {path}")
    return bool(there) and there == noted


def _unnoted(cluster: Cluster, report: dict[str, t.Any]) -> bool:
    number = cluster.number()
    return bool(number) and {"cluster": cluster.name, "number": number} not in report["clusters"]


def _servers(cluster: Cluster) -> list[dict[str, t.Any]]:
    """The webapps as the balancers serve them."""
    return [
        {"name": f"{node.host}-{node.name}", "address": cluster.address(node.host), "port": node.ports[0]}
        for node in cluster.nodes("webapp")
    ]


def _images(cluster: Cluster, host: str) -> list[str]:
    settings = cluster.variables[host]
    registry, version = settings.get("registry"), settings.get("version")
    if not (registry and version):
        return []  # a playbook that pulls nothing does not read both
    return [
        f"{registry}/{image}:v{version}"
        for image, services in {"web": {"webapp"}, "coreapp": {"master", "coreapp"}}.items()
        if any(host in cluster.groups[service] for service in services)
    ]


def _mounts(cluster: Cluster, host: str) -> list[str]:
    """Where a share must be mounted already, since role media is not asked to mount it."""
    settings = cluster.variables[host]
    path = settings.get("media_path")
    unmounted = settings.get("media_require_mount") and not settings.get("media_source")
    return [path] if path and unmounted and host in cluster.node_hosts else []


def _media(cluster: Cluster, host: str) -> list[str]:
    """Where a node's host has the shared media, unless they are in a volume of Docker."""
    path = cluster.variables[host].get("media_path")
    return [path] if path and host in cluster.node_hosts else []


def _connect(cluster: Cluster, host: str) -> list[str]:
    """The database server, unless role database is going to start it."""
    settings = cluster.variables[host]
    if cluster.groups["database"] or host not in cluster.node_hosts or not settings.get("database_host"):
        return []
    return [f"{settings['database_host']}:{settings['database_port']}"]
