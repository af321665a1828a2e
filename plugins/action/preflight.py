# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the settings of all hosts together, and says who runs what."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, merged, refusal
from ansible_collections.wabiz.onprem.plugins.module_utils.preflight import Cluster, host_findings, inventory_findings
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
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
            }
        )[1]
        cluster, findings = self._cluster(task_vars or {}, args["reader"])
        if args["stage"] == "hosts":
            findings = host_findings(cluster, args["reports"], args["allow_version_change"])
        else:
            findings += inventory_findings(cluster, whole=args["stage"] == "inventory")
        for finding in merged(findings):
            if not finding.fatal:
                result.setdefault("warnings", []).append(str(finding))
        message = refusal(findings)
        if message:
            return {**result, "failed": True, "msg": message}
        return {**result, "changed": False, **topology(cluster)}

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
    nodes = cluster.all_nodes()
    return {
        "cluster": cluster.name,
        "number": cluster.number(),
        "groups": cluster.groups,
        "services": {
            host: [group for group, hosts in cluster.groups.items() if host in hosts and group != "retired"]
            or ["retired"]
            for host in cluster.hosts
        },
        "counts": {service: len(cluster.nodes(service)) for service in ("webapp", "master", "coreapp")},
        "nodes": [
            {
                "host": node.host,
                "service": node.service,
                "name": node.name,
                "address": cluster.address(node.host),
                "port": node.ports[0],
            }
            for node in nodes
        ],
        "balanced": [
            {"name": f"{node.host}-{node.name}", "address": cluster.address(node.host), "port": node.ports[0]}
            for node in cluster.nodes("webapp")
        ],
        "addresses": {host: cluster.address(host) for host in cluster.hosts},
        "images": {host: _images(cluster, host) for host in cluster.hosts},
        "mounts": {host: _mounts(cluster, host) for host in cluster.hosts},
        "connect": {host: _connect(cluster, host) for host in cluster.hosts},
        "ports": {
            host: [port for node in [*nodes, *cluster.balancers()] if node.host == host for port in node.ports]
            for host in cluster.hosts
        },
        "files": {host: cluster.files(host) for host in cluster.hosts},
        "stale": {host: cluster.stale_records(host) for host in cluster.hosts},
        "lock": {host: cluster.lock(host) for host in cluster.hosts},
        "unfinished": {host: cluster.unfinished(host) for host in cluster.hosts},
        "media": {host: _media(cluster, host) for host in cluster.hosts},
        "balancer_socket": {host: cluster.balancer_socket(host) for host in cluster.hosts},
        "endpoints": [
            f"https://{cluster.variables[node.host]['url_host']}:{node.ports[0]}" for node in cluster.nodes("webapp")
        ],
    }


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
