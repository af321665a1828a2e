# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the inventory, judges it, and says who runs what."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils.preflight import (
    Cluster,
    Finding,
    host_findings,
    inventory_findings,
    merged,
    value_findings,
)
from ansible_collections.wabiz.onprem.plugins.module_utils.topology import GROUPS

_ROOT = Path(__file__).resolve().parents[2]


def _declared() -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """The cluster-wide variables and the roles' options, by name, as the collection's own files declare them."""
    cluster = yaml.safe_load((_ROOT / "meta" / "cluster_variables.yml").read_text(encoding="utf-8"))
    options: dict[str, t.Any] = {}
    for spec in sorted(_ROOT.glob("roles/*/meta/argument_specs.yml")):
        options.update(yaml.safe_load(spec.read_text(encoding="utf-8"))["argument_specs"]["main"].get("options", {}))
    return cluster, options


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        args = self.validate_argument_spec(
            {
                "stage": {"choices": ["topology", "inventory", "hosts"], "default": "inventory"},
                "allow_version_change": {"type": "bool", "default": False},
                "reports": {"type": "dict", "default": {}},
            }
        )[1]
        cluster, unreadable = self._cluster(task_vars or {})
        findings: list[Finding] = []
        if args["stage"] == "inventory":
            findings = [*unreadable, *inventory_findings(cluster)]
        elif args["stage"] == "hosts":
            findings = host_findings(cluster, args["reports"], args["allow_version_change"])
        findings = merged(findings)
        fatal = [str(finding) for finding in findings if finding.fatal]
        for finding in findings:
            if not finding.fatal:
                result.setdefault("warnings", []).append(str(finding))
        if fatal:
            heading = f"{len(fatal)} finding(s); nothing was changed."
            return {**result, "failed": True, "msg": "\n".join([heading, *(f"- {line}" for line in fatal)])}
        return {**result, "changed": False, **self._topology(cluster)}

    def _cluster(self, task_vars: dict[str, t.Any]) -> tuple[Cluster, list[Finding]]:
        hostvars, all_groups = task_vars["hostvars"], task_vars["groups"]
        renamed = next((hostvars[host].get("wabiz_groups") for host in all_groups["all"]), None) or {}
        groups = {group: list(all_groups.get(renamed.get(group, group), [])) for group in GROUPS}
        declared, options = _declared()
        known = {**declared, **options}
        deferred = {name for name, spec in declared.items() if spec.get("deferred")}
        findings: list[Finding] = []
        variables: dict[str, dict[str, t.Any]] = {}
        for host in dict.fromkeys(host for hosts in groups.values() for host in hosts):
            values: dict[str, t.Any] = {name: spec.get("default") for name, spec in known.items()}
            # A name alone is enough to find a misspelt one; a value is read only where it is known.
            values.update(dict.fromkeys(set(hostvars[host]) - set(known)))
            for name in ({*known, "ansible_host"} - deferred) & set(hostvars[host]):
                try:
                    values[name] = hostvars[host].get(name)
                except AnsibleError as error:
                    problem = str(error).splitlines()[0]
                    findings.append(Finding(host, f"cannot be evaluated: {problem}", "Mend it.", variable=name))
                    continue
                findings += value_findings(host, name, values[name], known.get(name, {}))
            variables[host] = values
        name = next((v["wabiz_cluster_name"] for v in variables.values()), declared["wabiz_cluster_name"]["default"])
        everywhere = {group: list(hosts) for group, hosts in all_groups.items()}
        return Cluster(str(name), groups, variables, set(known), everywhere), findings

    def _topology(self, cluster: Cluster) -> dict[str, t.Any]:
        """Plain data for playbooks: groups under our own names, services by host, nodes with their ports."""
        nodes = cluster.all_nodes()
        return {
            "cluster": cluster.name,
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
            "images": {host: self._images(cluster, host) for host in cluster.hosts},
            "mounts": {host: self._mounts(cluster, host) for host in cluster.hosts},
            "connect": {host: self._connect(cluster, host) for host in cluster.hosts},
            "ports": {
                host: [port for node in [*nodes, *cluster.balancers()] if node.host == host for port in node.ports]
                for host in cluster.hosts
            },
            "files": {
                host: [cluster.balancer_unit()] if host in cluster.groups["loadbalancer"] else []
                for host in cluster.hosts
            },
            "endpoints": [f"https://{cluster.address(node.host)}:{node.ports[0]}" for node in cluster.nodes("webapp")],
        }

    @staticmethod
    def _images(cluster: Cluster, host: str) -> list[str]:
        variables = cluster.variables[host]
        return [
            f"{variables['wabiz_registry']}/{image}:v{variables['wabiz_version']}"
            for image, services in {"web": {"webapp"}, "coreapp": {"master", "coreapp"}}.items()
            if any(host in cluster.groups[service] for service in services)
        ]

    @staticmethod
    def _mounts(cluster: Cluster, host: str) -> list[str]:
        """Where a share must be mounted already, since role media is not asked to mount it."""
        media = {name: cluster.variables[host].get(f"media_{name}") for name in ("path", "source", "require_mount")}
        wanted = media["path"] and not media["source"] and media["require_mount"] and host in cluster.node_hosts
        return [str(media["path"])] if wanted else []

    @staticmethod
    def _connect(cluster: Cluster, host: str) -> list[str]:
        """The database server, unless role database is going to start it."""
        if cluster.groups["database"] or host not in cluster.node_hosts:
            return []
        variables = cluster.variables[host]
        port = (
            variables.get("wabiz_database_port")
            or {"mysql": 3306, "postgresql": 5432}[variables["wabiz_database_engine"]]
        )
        return [f"{variables['wabiz_database_host']}:{port}"]
