# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong before anything is touched: pure functions from facts to findings. No I/O."""

from __future__ import annotations

import difflib
import re
import typing as t
from dataclasses import dataclass, field, replace

from ansible.module_utils.common.parameters import DEFAULT_TYPE_VALIDATORS
from ansible_collections.wabiz.onprem.plugins.module_utils.topology import (
    SERVICES,
    Node,
    container_name,
    host_nodes,
    port_collisions,
)

DATABASE_PASSWORD_FORBIDDEN = "?{}&~!()^="  # noqa: S105 (R10)
SHARD_COUNTS = (1, 2, 4, 8, 16, 32)  # R40
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_API_KEY_LENGTH = range(12, 129)  # client-api.md section 3.3
_CLIENT_IMAGE = re.compile(r"(^|/)(web|coreapp):v?\d")
# The vendor's compose services of a single instance; an inventory that still has them is of the old kind (R32).
_SINGLE_INSTANCE_GROUPS = ("waweb", "wacore")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what, and what to do about it."""

    where: str
    problem: str
    remedy: str
    fatal: bool = True
    variable: str = ""

    def __str__(self) -> str:
        variable = f", variable {self.variable}" if self.variable else ""
        return f"{self.where}{variable}: {self.problem} {self.remedy}"


def merged(findings: list[Finding]) -> list[Finding]:
    """The same finding of several hosts as one, so that a message names each problem once."""
    places: dict[Finding, list[str]] = {}
    for finding in findings:
        places.setdefault(replace(finding, where=""), []).append(finding.where)
    return [replace(finding, where=", ".join(dict.fromkeys(where))) for finding, where in places.items()]


@dataclass
class Cluster:
    """The inventory as the checks see it. `variables` holds, by host, what the inventory and the defaults say."""

    name: str
    groups: dict[str, list[str]]
    variables: dict[str, dict[str, t.Any]]
    known_variables: set[str] = field(default_factory=set)
    all_groups: dict[str, list[str]] = field(default_factory=dict)

    @property
    def hosts(self) -> list[str]:
        return list(dict.fromkeys(host for hosts in self.groups.values() for host in hosts))

    @property
    def node_hosts(self) -> list[str]:
        return list(dict.fromkeys(host for service in SERVICES for host in self.groups.get(service, [])))

    def nodes(self, service: str) -> list[Node]:
        return [
            node
            for host in self.groups.get(service, [])
            for node in host_nodes(
                self.name,
                service,
                host,
                _integer(self.variables[host].get(f"{service}_instances"), 1),
                _integer(self.variables[host].get(f"{service}_port"), 0),
            )
        ]

    def all_nodes(self) -> list[Node]:
        return [node for service in SERVICES for node in self.nodes(service)]

    def balancers(self) -> list[Node]:
        return self.nodes("loadbalancer")

    def balancer_unit(self) -> str:
        """Path of the balancer's systemd unit, as role loadbalancer writes it."""
        return f"/etc/systemd/system/{container_name(self.name, 'loadbalancer', 1)}.service"

    def address(self, host: str) -> str:
        """The name under which other nodes reach the host; the same rule as role node's default."""
        variables = self.variables[host]
        return str(variables.get("wabiz_external_hostname") or variables.get("ansible_host") or host)

    def value(self, name: str) -> t.Any:
        """A cluster-wide variable, read from the first host that has it."""
        return next((v[name] for v in self.variables.values() if v.get(name) is not None), None)


def _integer(value: t.Any, default: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return default


def value_findings(host: str, name: str, value: t.Any, spec: dict[str, t.Any]) -> list[Finding]:
    """Type and choices of one variable, by Ansible's own rules; the value is not shown, since it may be a secret."""
    if value is None:
        return []
    kind = spec.get("type", "raw")
    try:
        converted = DEFAULT_TYPE_VALIDATORS[kind](value)
    except (TypeError, ValueError):
        return [Finding(host, f"cannot be read as {kind}.", "Mend its value.", variable=name)]
    choices = spec.get("choices")
    if choices and converted not in choices:
        allowed = f"Choose one of {', '.join(choices)}."
        return [Finding(host, "has none of the values that are allowed.", allowed, variable=name)]
    return []


# --- stage 1: the inventory alone -----------------------------------------------------------------------------------


def inventory_findings(cluster: Cluster) -> list[Finding]:
    """Everything that can be known without a connection to any host."""
    checks = (
        _counts,
        _spelling,
        _differing,
        _cluster_values,
        _database_password,
        _ports,
        _placement,
        _balancer,
        _old_inventory,
    )
    return [finding for check in checks for finding in check(cluster)]


def _counts(cluster: Cluster) -> t.Iterator[Finding]:
    least = (
        {"webapp": 1, "master": 2, "coreapp": 2} if cluster.value("wabiz_require_ha") else dict.fromkeys(SERVICES, 1)
    )
    for service in SERVICES:
        count = len(cluster.nodes(service))
        if count < least[service]:
            yield Finding(
                f"group {service}",
                f"has {count} node(s), at least {least[service]} are needed.",
                f"Add hosts to the group or raise {service}_instances (for trials only: wabiz_require_ha: false).",
            )
    if len(cluster.nodes("master")) > 3:
        yield Finding("group master", "has more than 3 nodes, which is of no use.", "Remove some.", fatal=False)
    if len(cluster.nodes("webapp")) == 1:
        yield Finding("group webapp", "has a single node, without which the API is away.", "Add one.", fatal=False)
    shards = _integer(cluster.value("wabiz_shards"), 1)
    coreapps = len(cluster.nodes("coreapp"))
    if shards not in SHARD_COUNTS:
        yield Finding("wabiz_shards", f"is {shards}.", f"Choose one of {', '.join(map(str, SHARD_COUNTS))}.")
    elif coreapps < shards:
        yield Finding("wabiz_shards", f"is {shards} but there are only {coreapps} coreapps.", "Add coreapps first.")
    elif coreapps == shards:
        yield Finding("group coreapp", "has no stand-by.", "Add a coreapp to survive the loss of one.", fatal=False)


def _spelling(cluster: Cluster) -> t.Iterator[Finding]:
    for host, variables in cluster.variables.items():
        for name in variables:
            if name in cluster.known_variables:
                continue
            near = difflib.get_close_matches(name, cluster.known_variables, n=1, cutoff=0.85)
            own = name.startswith("wabiz_")
            if own or (near and name.partition("_")[0] == near[0].partition("_")[0]):
                hint = f"Did you mean {near[0]}?" if near else "docs/variables.md lists all names."
                yield Finding(host, "is not a variable of this collection.", hint, variable=name)


def _differing(cluster: Cluster) -> t.Iterator[Finding]:
    for name in (
        "wabiz_cluster_name",
        "wabiz_version",
        "wabiz_database_host",
        "wabiz_database_prefix",
        "wabiz_jwt_key",
    ):
        values = {str(cluster.variables[host].get(name)) for host in cluster.node_hosts}
        if len(values) > 1:
            yield Finding(f"variable {name}", "differs between hosts of one cluster.", "Set it once, for all hosts.")


def _cluster_values(cluster: Cluster) -> t.Iterator[Finding]:
    for name in (
        "wabiz_version",
        "wabiz_database_host",
        "wabiz_database_user",
        "wabiz_database_password",
        "wabiz_api_key",
    ):
        if not cluster.value(name):
            yield Finding(f"variable {name}", "is not set.", "Set it for all hosts of the cluster.")
    version = str(cluster.value("wabiz_version") or "")
    if version and not _VERSION.fullmatch(version):
        yield Finding("variable wabiz_version", f"is {version!r}.", "Write it as three numbers, for example 2.57.2.")
    key = str(cluster.value("wabiz_api_key") or "")
    if key and len(key) not in _API_KEY_LENGTH:
        yield Finding("variable wabiz_api_key", f"has {len(key)} characters.", "Use 12 to 128.")
    if len(cluster.nodes("webapp")) > 1 and not cluster.value("wabiz_jwt_key"):
        yield Finding(
            "variable wabiz_jwt_key",
            "is not set, so a token of one webapp may be refused by the next.",
            "Set 64 random characters for all webapps.",
            fatal=False,
        )


def _database_password(cluster: Cluster) -> t.Iterator[Finding]:
    password = str(cluster.value("wabiz_database_password") or "")
    found = [character for character in DATABASE_PASSWORD_FORBIDDEN if character in password]
    if found:
        # How many, not which: a message must not narrow a secret down.
        yield Finding(
            "variable wabiz_database_password",
            f"contains {len(found)} kind(s) of character that the client cannot take.",
            f"Choose one without any of {DATABASE_PASSWORD_FORBIDDEN}",
        )


def _ports(cluster: Cluster) -> t.Iterator[Finding]:
    """Two hosts of one address are one machine to the other nodes, whatever the inventory calls them."""
    claimants = [*cluster.all_nodes(), *cluster.balancers()]
    addressed = [replace(node, host=cluster.address(node.host)) for node in claimants]
    for address, port, nodes in port_collisions(addressed):
        hosts = [host for host in dict.fromkeys(node.host for node in claimants) if cluster.address(host) == address]
        names = " and ".join(node.name for node in nodes)
        variables = " or ".join(dict.fromkeys(f"{node.service}_port" for node in nodes))
        both = f" These hosts have one address, {address}." if len(hosts) > 1 else ""
        yield Finding(
            ", ".join(hosts), f"port {port} is claimed by {names}.{both}", f"Change {variables} on this host."
        )


def _placement(cluster: Cluster) -> t.Iterator[Finding]:
    database = {*cluster.groups.get("database", []), str(cluster.value("wabiz_database_host"))}
    for host in cluster.node_hosts:
        names = {host, str(cluster.variables[host].get("ansible_host", host))}
        if names & database and not cluster.value("wabiz_allow_database_on_node"):
            yield Finding(
                host,
                "is the database's host (wabiz_database_host or group database) and runs nodes of the client as well.",
                "Move one of them (a set-up for trials only: wabiz_allow_database_on_node: true).",
            )


def _balancer(cluster: Cluster) -> t.Iterator[Finding]:
    """Tasks for a balancer of the site come in pairs, or a webapp that was drained would stay so."""
    hooks = ("wabiz_drain_tasks", "wabiz_restore_tasks")
    missing = [name for name in hooks if not cluster.value(name)]
    if len(missing) == 1:
        yield Finding(f"variable {missing[0]}", "is not set, but its counterpart is.", "Set both or none.")


def _old_inventory(cluster: Cluster) -> t.Iterator[Finding]:
    for group in _SINGLE_INSTANCE_GROUPS:
        if cluster.all_groups.get(group):
            yield Finding(
                f"group {group}",
                f"names a single instance on {', '.join(cluster.all_groups[group])}.",
                "Stop and remove the single instance, then move the hosts to webapp, master and coreapp.",
            )


# --- stage 2: what the hosts say ------------------------------------------------------------------------------------


def host_findings(cluster: Cluster, reports: dict[str, dict[str, t.Any]], allow_version_change: bool) -> list[Finding]:
    """Judges host_info's answers, by host; a host without an answer is unreachable."""
    findings: list[Finding] = []
    for host, report in reports.items():
        if "engine" not in report:
            reason = str(report.get("msg", "no answer")).splitlines()[0]
            findings.append(Finding(host, f"cannot be reached: {reason}", "Mend the connection or leave the host out."))
            continue
        for judge in (_leftovers, _connections, _mounts, _images):
            findings += judge(host, report)
        for check in (_taken_ports, _disk, *([] if allow_version_change else [_versions])):
            findings += check(cluster, host, report)
    return findings


def _own(cluster: Cluster, container: dict[str, t.Any]) -> bool:
    return bool(container["cluster"] == cluster.name)


def _taken_ports(cluster: Cluster, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    own = {port for container in report["containers"] if _own(cluster, container) for port in container["ports"]}
    published = {
        port: container["name"]
        for container in report["containers"]
        if not _own(cluster, container)
        for port in container["ports"]
    }
    if report["files"].get(cluster.balancer_unit()):
        own.update(port for node in cluster.balancers() if node.host == host for port in node.ports)
    for node in [*cluster.all_nodes(), *cluster.balancers()]:
        if node.host != host:
            continue
        for port in node.ports:
            if port in report["ports_taken"] and port not in own:
                holder = f"container {published[port]}" if port in published else "another process"
                yield Finding(
                    host,
                    f"port {port}, meant for {node.name}, is taken by {holder}.",
                    f"Free it or change {node.service}_port on this host.",
                )


def _leftovers(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    for container in report["containers"]:
        if not container["running"] or container["cluster"]:
            continue
        if _CLIENT_IMAGE.search(container["image"]):
            multi = "WA_APP_MULTICONNECT" in container["env_names"]
            kind = "a node of another installation" if multi else "a single instance"
            yield Finding(
                host,
                f"container {container['name']} ({container['image']}) is {kind} and still runs; "
                "two clients with one number get the number banned.",
                f"Stop it first: docker stop {container['name']}",
            )


def _disk(cluster: Cluster, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    least = float(cluster.value("wabiz_minimum_disk_gb") or 0)
    free = report["disk_free"] / 1e9
    if free < least:
        yield Finding(
            host, f"has {free:.1f} GB free for Docker.", f"Make room: wabiz_minimum_disk_gb asks for {least:g}."
        )


def _connections(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    for address, error in report["connections"].items():
        if error:
            yield Finding(
                host,
                f"cannot reach the database at {address}: {error}.",
                "Check wabiz_database_host, wabiz_database_port and the firewall between them.",
            )


def _mounts(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    for path, mounted in report["mounts"].items():
        if not mounted:
            yield Finding(
                host,
                f"media_path {path} is not a mount point; media would fill the local disk and stay on this host.",
                "Mount the share, set media_source so that role media mounts it, or set media_require_mount: false.",
            )


def _versions(cluster: Cluster, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    wanted = str(cluster.value("wabiz_version"))
    for container in report["containers"]:
        if _own(cluster, container) and container["node"]:
            running = container["version"]
            if running != wanted:
                yield Finding(
                    host,
                    f"container {container['name']} runs version {running}, wabiz_version is {wanted}; "
                    "site.yml does not change the version of a live cluster, whose database must be upgraded with it.",
                    f"Run playbook upgrade.yml, or set wabiz_version to {running}.",
                )


def _images(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    for image, where in report["images"].items():
        if where not in ("local", "registry"):
            yield Finding(
                host,
                f"image {image} is not to be had: {where}.",
                "Check wabiz_registry and wabiz_version, and that the hosts trust the registry.",
            )
