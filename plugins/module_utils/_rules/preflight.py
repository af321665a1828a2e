# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong before anything is touched: pure functions from facts to findings. No I/O."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import is_address
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.fingerprint import matches
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import (
    SERVICES,
    Node,
    container_name,
    host_nodes,
    port_collisions,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

# Many images are called web.
_CLIENT_IMAGE = re.compile(r"(^|/)(coreapp:v?\d|docker\.whatsapp\.biz/web:)")
# The vendor's compose services of a single instance; an inventory that still has them is of the old kind (R32).
_SINGLE_INSTANCE_GROUPS = ("waweb", "wacore")
_LOOPBACK = re.compile(r"localhost(\.localdomain)?|127(\.[0-9]{1,3}){3}|::1|0\.0\.0\.0|::", re.IGNORECASE)
_LAST_PORT = 65535
# What the container that upgrades the schema is given; the first one that has a value says what counts.
_SCHEMA_ENVIRONMENTS = ("dbupgrade_env", "extra_env")
# The client's documents name FALSE alone; what it makes of the others nobody can tell before it has run for hours.
_NEGATIONS = ("false", "f", "no", "n", "off", "0")
# How the client names the kinds of database server.
_ENGINES = {"mysql": "MYSQL", "postgresql": "PGSQL"}


@dataclass
class Cluster:
    """The inventory as the checks see it: hosts by group, typed settings by host (plugins/action/settings.py)."""

    groups: dict[str, list[str]]
    variables: dict[str, dict[str, t.Any]]
    all_groups: dict[str, list[str]]
    # Keys that must have one value everywhere, and whether that may be shown.
    same: dict[str, bool] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    # Variables that have a finding already.
    faulty: frozenset[str] = frozenset()
    # What wabiz_groups says, our name to the site's.
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.value("cluster_name") or "wabiz")

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
                self.variables[host].get(f"{service}_instances", 1),
                self.variables[host].get(f"{service}_port", 0),
            )
        ]

    def all_nodes(self) -> list[Node]:
        return [node for service in SERVICES for node in self.nodes(service)]

    def balancers(self) -> list[Node]:
        return self.nodes("loadbalancer")

    def balancer_unit(self) -> str:
        """Path of the balancer's systemd unit, as role loadbalancer writes it."""
        return f"/etc/systemd/system/{container_name(self.name, 'loadbalancer', 1)}.service"

    def record(self, host: str, service: str) -> str:
        """Path of the file in which role node keeps what the containers of a service are started with."""
        return f"{self.variables[host]['directory']}/{service}.yml"

    def certificate_authority(self, host: str) -> str:
        """Path of the CA certificate that the webapps made for themselves, as role node keeps it."""
        return f"{self.variables[host]['directory']}/webapp-ca.pem"

    def stale_records(self, host: str) -> list[str]:
        """Records of services that the host has left: they hold every secret."""
        return [self.record(host, service) for service in SERVICES if host not in self.groups.get(service, [])]

    @property
    def keeper(self) -> str:
        """The host that keeps what outlives a run: the first one of the webapps."""
        return next(iter(self.groups.get("webapp", [])), "")

    @property
    def lock(self) -> str:
        """Path of the cluster's lock on the host that keeps it; a reboot of that host ends what ran there."""
        return f"/run/wabiz-{self.name}.lock"

    def unfinished(self, host: str) -> dict[str, str]:
        """Files that are there during an upgrade, and after one that was interrupted."""
        names = {"heartbeat": "heartbeat.yml", "upgrade": "upgrade.json"} if host == self.keeper else {}
        return {what: f"{self.variables[host]['directory']}/{name}" for what, name in names.items()}

    def drained(self, host: str) -> dict[str, str]:
        """By container, the file that is there as long as a webapp of the host is taken out of its balancers."""
        directory = self.variables[host]["directory"]
        return {node.name: f"{directory}/{node.name}.drained" for node in self.nodes("webapp") if node.host == host}

    def balancer_socket(self, host: str) -> str:
        """Runtime socket of the host's balancer, as role loadbalancer makes it; empty where it has none."""
        balanced = host in self.groups.get("loadbalancer", [])
        return f"/run/{container_name(self.name, 'loadbalancer', 1)}/admin.sock" if balanced else ""

    def files(self, host: str) -> list[str]:
        """What is looked for on a host besides containers."""
        unit = [self.balancer_unit()] if host in self.groups.get("loadbalancer", []) else []
        certificate = [self.certificate_authority(host)] if host in self.groups["webapp"] else []
        left = [*self.unfinished(host).values(), *self.drained(host).values()]
        return [*unit, *certificate, *self.stale_records(host), *left]

    def address(self, host: str) -> str:
        """The name under which other nodes reach the host."""
        return str(self.variables[host].get("external_hostname") or host)

    def names(self, host: str) -> list[str]:
        """Names that containers on the host must be able to look up: the database's, and those of the other nodes.

        The host's own counts only where nobody else looks at it: many hosts have it in /etc/hosts besides.
        """
        if host not in self.node_hosts:
            return []
        settings = self.variables[host]
        others = [other for other in self.node_hosts if other != host] or [host]
        named = [str(settings.get("database_host") or ""), *map(self.address, others)]
        given = {name.lower() for name in settings.get("extra_hosts") or {}}
        plain = [name for name in named if name and name.lower() not in given and not is_address(name)]
        return [name for name in dict.fromkeys(plain) if not _LOOPBACK.fullmatch(name)]

    def value(self, key: str) -> t.Any:
        """A setting of the whole cluster, from the first host that has it."""
        return next((v[key] for v in self.variables.values() if v.get(key) is not None), None)

    def number(self) -> str:
        """The phone number with its country code, where the inventory names both."""
        parts = [self.value("phone_cc"), self.value("phone_number")]
        return "".join(parts) if all(parts) else ""


# --- stage 1: the inventory alone -----------------------------------------------------------------------------------


def inventory_findings(cluster: Cluster, whole: bool = True) -> list[Finding]:
    """Everything that can be known without a connection to any host; not C(whole): what every playbook relies on."""
    always = (_groups, _required, _differing, _overlaps, _volumes_of_another)
    values = (_counts, _jwt_key, _root_password, _ports, _placement, _loopback, _endless, _balancer, _old_inventory)
    return [finding for check in (*always, *(values if whole else ())) for finding in check(cluster)]


def _groups(cluster: Cluster) -> t.Iterator[Finding]:
    """The site's groups are there, and none of them has a name that we give groups of our own."""
    for ours, theirs in cluster.renamed.items():
        if theirs not in cluster.all_groups:
            yield Finding(
                "variable wabiz_groups",
                f"calls group {ours} {theirs}, which the inventory does not have.",
                "Correct the name, or add the group.",
            )
    if not cluster.hosts:
        names = ", ".join(cluster.renamed.get(group, group) for group in cluster.groups)
        yield Finding("the inventory", f"has no host in any of the groups {names}.", "Add hosts, or set wabiz_groups.")
    for group, hosts in _own_groups(cluster).items():
        strangers = [host for host in cluster.all_groups.get(group, []) if host not in hosts]
        if strangers:
            yield Finding(
                ", ".join(strangers),
                f"is in a group {group}, a name that the playbooks use for hosts of the cluster.",
                "Rename that group of the inventory.",
            )


def _own_groups(cluster: Cluster) -> dict[str, list[str]]:
    """The groups into which the playbooks sort hosts, with the hosts that may be in them."""
    states = [f"{service}_{state}" for service in SERVICES for state in ("fresh", "changed", "same")]
    return {
        "wabiz_host": cluster.hosts,
        "wabiz_node": cluster.node_hosts,
        **{f"wabiz_{group}": hosts for group, hosts in cluster.groups.items()},
        **{f"wabiz_{name}": cluster.node_hosts for name in states},
        **{f"wabiz_{name}": cluster.hosts for name in ("multiconnect", "upgrade", "touched")},
        **{f"wabiz_{name}": cluster.hosts for name in ("due", "due_coreapp", "due_loadbalancer")},
    }


def _volumes_of_another(cluster: Cluster) -> t.Iterator[Finding]:
    """Data are removed by the cluster's name, so that nothing else than the name says so."""
    named = cluster.value("uninstall_volumes")
    if named is not None and named != cluster.name:
        yield Finding(
            "variable wabiz_uninstall_volumes",
            f"is {named}, the cluster is {cluster.name}.",
            "Write the cluster's name to remove its data, or leave it out to keep them.",
        )


def _required(cluster: Cluster) -> t.Iterator[Finding]:
    for key in cluster.required:
        if cluster.value(key) is None:
            yield Finding(f"variable wabiz_{key}", "is not set.", "Set it for all hosts of the cluster.")


def _differing(cluster: Cluster) -> t.Iterator[Finding]:
    for key, shown in cluster.same.items():
        hosts_by_value: dict[str, list[str]] = {}
        for host in cluster.hosts:
            value = cluster.variables[host].get(key)
            if value is not None or host in cluster.node_hosts:
                hosts_by_value.setdefault(str(value), []).append(host)
        if len(hosts_by_value) > 1:
            parts = [
                f"{value if shown else f'value {number}'} on {', '.join(hosts)}"
                for number, (value, hosts) in enumerate(hosts_by_value.items(), 1)
            ]
            yield Finding(
                f"variable wabiz_{key}",
                f"differs between hosts of one cluster: {'; '.join(parts)}.",
                "Set it once, for all hosts.",
            )


def _overlaps(cluster: Cluster) -> t.Iterator[Finding]:
    """Data below the configuration, or the other way round, would make one remove or change the other."""
    for host, settings in cluster.variables.items():
        volume = str(settings.get("database_volume") or "")
        claims = {
            "wabiz_config_directory": settings.get("directory"),
            "wabiz_media_path": settings.get("media_path"),
            "wabiz_database_volume": volume if volume.startswith("/") else None,
        }
        paths = [(name, str(path)) for name, path in claims.items() if path]
        for position, (name, path) in enumerate(paths):
            for other, below in paths[position + 1 :]:
                if f"{below}/".startswith(f"{path}/") or f"{path}/".startswith(f"{below}/"):
                    yield Finding(
                        host, f"{name} ({path}) and {other} ({below}) lie within each other.", "Choose separate paths."
                    )


def _counts(cluster: Cluster) -> t.Iterator[Finding]:
    least = {"webapp": 1, "master": 2, "coreapp": 2} if cluster.value("require_ha") else dict.fromkeys(SERVICES, 1)
    for service in SERVICES:
        count = len(cluster.nodes(service))
        if count < least[service]:
            yield Finding(
                f"group {service}",
                f"has {count} node(s), at least {least[service]} are needed.",
                f"Add hosts to the group or raise wabiz_{service}_instances (trials only: wabiz_require_ha: false).",
            )
    if len(cluster.nodes("master")) > 3:
        yield Finding("group master", "has more than 3 nodes, which is of no use.", "Remove some.", fatal=False)
    if len(cluster.nodes("webapp")) == 1:
        yield Finding(
            "group webapp", "has a single node, without which the API is unavailable.", "Add one.", fatal=False
        )
    shards = cluster.value("shards") or 1
    coreapps = len(cluster.nodes("coreapp"))
    if coreapps < shards:
        yield Finding("wabiz_shards", f"is {shards} but there are only {coreapps} coreapps.", "Add coreapps first.")
    elif coreapps == shards:
        yield Finding("group coreapp", "has no standby.", "Add a coreapp to survive the loss of one.", fatal=False)


def _jwt_key(cluster: Cluster) -> t.Iterator[Finding]:
    given = cluster.value("jwt_key") or "wabiz_jwt_key" in cluster.faulty
    if len(cluster.nodes("webapp")) > 1 and not given:
        yield Finding(
            "variable wabiz_jwt_key",
            "is not set, so a token of one webapp may be refused by the next.",
            "Set 64 random characters for all webapps.",
            fatal=False,
        )


def _root_password(cluster: Cluster) -> t.Iterator[Finding]:
    for host in cluster.groups.get("database", []):
        if not cluster.variables[host].get("database_root_password"):
            yield Finding(
                host,
                "is not set, and role database is to run a server here.",
                "Set it, or take the host out of group database where the server is somebody else's.",
                variable="wabiz_database_root_password",
            )


def _ports(cluster: Cluster) -> t.Iterator[Finding]:
    """Two hosts of one address are one machine to the other nodes, whatever the inventory calls them."""
    claimants = [*cluster.all_nodes(), *cluster.balancers()]
    for node in claimants:
        if node.ports[-1] > _LAST_PORT:
            yield Finding(
                node.host,
                f"{node.name} would get ports up to {node.ports[-1]}.",
                f"Lower wabiz_{node.service}_port on this host; the last port is {_LAST_PORT}.",
            )
    collisions: dict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = {}
    for position, address, port in _claims(cluster, claimants):
        collisions.setdefault((address, position), []).append(port)
    for (address, nodes), ports in collisions.items():
        hosts = list(dict.fromkeys(host for host, _name in nodes))
        names = " and ".join(dict.fromkeys(name for _host, name in nodes))
        claimed = f"port {ports[0]} is" if len(ports) == 1 else f"ports {ports[0]} to {ports[-1]} are"
        services = dict.fromkeys(node.service for node in claimants if (node.host, node.name) in nodes)
        variables = " or ".join(f"wabiz_{service}_port" for service in services)
        remedy = f"Change {variables} on this host."
        both = ""
        if len(hosts) > 1:
            both = f" These hosts have one address, {address}."
            remedy = f"Correct wabiz_external_hostname or ansible_host, or change {variables} on one of them."
        yield Finding(", ".join(hosts), f"{claimed} claimed by {names}.{both}", remedy)


def _claims(cluster: Cluster, claimants: list[Node]) -> t.Iterator[tuple[tuple[tuple[str, str], ...], str, int]]:
    """Each port of an address that several nodes claim, with their hosts and names."""
    for address, port, _nodes in port_collisions(
        [replace(node, host=cluster.address(node.host)) for node in claimants]
    ):
        nodes = [node for node in claimants if cluster.address(node.host) == address and port in node.ports]
        yield tuple((node.host, node.name) for node in nodes), address, port


def _placement(cluster: Cluster) -> t.Iterator[Finding]:
    database = {*cluster.groups.get("database", []), cluster.value("database_host")}
    for host in cluster.node_hosts:
        names = {host, cluster.variables[host].get("ansible_host", host)}
        if names & database and not cluster.value("allow_database_on_node"):
            yield Finding(
                host,
                "is the database's host (wabiz_database_host or group database) and runs nodes of the client as well.",
                "Move one of them (a set-up for trials only: wabiz_allow_database_on_node: true).",
            )


def _loopback(cluster: Cluster) -> t.Iterator[Finding]:
    """Within a container such a name means the container itself."""
    for host in cluster.node_hosts:
        for key in ("database_host", "external_hostname"):
            value = str(cluster.variables[host].get(key) or "")
            if _LOOPBACK.fullmatch(value) and (key == "database_host" or len(cluster.hosts) > 1):
                yield Finding(
                    host,
                    f"is {value}, which within a container is the container itself and on another host that host.",
                    "Write a name or address under which every host and container reaches it.",
                    variable=f"wabiz_{key}",
                )


def _endless(cluster: Cluster) -> t.Iterator[Finding]:
    """A container that stays after the schema is upgraded has no exit code to wait for."""
    for host in cluster.groups.get("coreapp", []):
        given = {key: (cluster.variables[host].get(key) or {}).get("EXIT_ON_SUCCESS") for key in _SCHEMA_ENVIRONMENTS}
        holder = next((key for key, value in given.items() if value is not None), "")
        if str(given.get(holder, "")).strip().lower() in _NEGATIONS:
            yield Finding(
                host,
                f"holds EXIT_ON_SUCCESS={given[holder]}: the container that upgrades the schema would never end.",
                "Leave it out; it is for orchestrators that restart containers.",
                variable=f"wabiz_{holder}",
            )


def _balancer(cluster: Cluster) -> t.Iterator[Finding]:
    """Tasks for a balancer of the site come in pairs, or a webapp that was drained would stay so."""
    hooks = ("drain_tasks", "restore_tasks")
    missing = [key for key in hooks if not cluster.value(key)]
    if len(missing) == 1:
        yield Finding(f"variable wabiz_{missing[0]}", "is not set, but its counterpart is.", "Set both or none.")


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
            reason = (str(report.get("msg") or "").strip() or "no answer").splitlines()[0]
            findings.append(Finding(host, f"cannot be reached: {reason}", "Fix the connection or leave the host out."))
            continue
        for judge in (_engine, _unread, _other_clients, _connections, _mounts, _images):
            findings += judge(host, report)
        for check in (
            _foreign_names,
            _same_number,
            _taken_ports,
            _disk,
            _database,
            _names,
            *([] if allow_version_change else [_versions]),
        ):
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
                    f"Free it or change wabiz_{node.service}_port on this host.",
                )


def _engine(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Neither gives containers the ports and addresses that the client is told of."""
    names = {"podman": "Podman", "rootless": "Docker without root's rights"}
    kind = report["engine"].get("kind", "")
    if kind in names:
        yield Finding(
            host,
            f"the engine behind Docker's socket is {names[kind]}, which this collection does not support.",
            "Install Docker Engine on this host, or take the host out of the inventory.",
        )


def _unread(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """What could not be read was not judged: a second client or another database may be among it."""
    for kind, reason in report["problems"].items():
        yield Finding(host, f"the engine's {kind} cannot be listed: {reason}.", "Look at the engine: docker info")
    for container in report["containers"]:
        if container["error"]:
            yield Finding(
                host,
                f"container {container['name']} cannot be inspected: {container['error']}.",
                f"Look at it: docker inspect {container['name']}",
            )


def _foreign_names(cluster: Cluster, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """What lacks the cluster's label is never replaced or removed, so its name has to be free."""
    names = {node.name for node in cluster.all_nodes() if node.host == host}
    if host in cluster.groups.get("database", []):
        names.add(f"{cluster.name}-database")
    for container in report["containers"]:
        if container["name"] in names and not _own(cluster, container):
            owner = (
                f"belongs to cluster {container['cluster']}"
                if container["cluster"]
                else "was not made by this collection"
            )
            yield Finding(
                host,
                f"container {container['name']} has the name of one of ours and {owner}.",
                "Rename or remove it, or choose another wabiz_cluster_name.",
            )


def _other_clients(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """A client without our label, recognised by what it runs and is told, not by the name of its image."""
    for container in report["containers"]:
        kind = container["client"] or ("single" if _CLIENT_IMAGE.search(container["image"]) else "")
        active = container["running"] or container["starts_at_boot"]
        if container["cluster"] or not kind or not active:
            continue
        name = container["name"]
        what = "a single instance" if kind == "single" else "part of another installation"
        state = "runs" if container["running"] else "is stopped, but Docker starts it at the next boot"
        stop = f"docker stop {name} && " if container["running"] else ""
        yield Finding(
            host,
            f"container {name} ({container['image']}) is {what} of the client and {state}; "
            "two clients with one number get the number banned.",
            f"Stop it for good first: {stop}docker update --restart=no {name}",
        )


def _same_number(cluster: Cluster, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    number = cluster.number()
    there = {container["cluster"] for container in report["containers"]}
    for other in report["clusters"]:
        if other["cluster"] != cluster.name and other["cluster"] in there and number and other["number"] == number:
            yield Finding(
                host,
                f"runs cluster {other['cluster']} with the same phone number, {number}; "
                "two clients with one number get the number banned.",
                "Correct wabiz_phone_cc and wabiz_phone_number, or uninstall the other cluster first.",
            )


def _disk(cluster: Cluster, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    limits = {key: cluster.value(key) for key in ("upgrade_minimum_disk_gb", "minimum_disk_gb")}
    # An upgrade's own limit is read by upgrade.yml alone, and counts there.
    key = next((key for key, limit in limits.items() if limit is not None), "")
    least = float(limits.get(key) or 0)
    free = report["disk_free"] / 1e9
    if free < least:
        yield Finding(host, f"has {free:.1f} GB free for Docker.", f"Make room: wabiz_{key} asks for {least:g}.")


def _connections(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    for address, error in report["connections"].items():
        if error:
            yield Finding(
                host,
                f"cannot reach the database at {address}: {error}.",
                "Check wabiz_database_host, wabiz_database_port and the firewall between them.",
            )


def _names(cluster: Cluster, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Nodes would start and wait for a name that only the host around them can look up."""
    for name, reason in report["names"].items():
        if not reason:
            continue
        owners = [other for other in cluster.node_hosts if cluster.address(other) == name]
        database = cluster.variables[host].get("database_host") == name
        yield Finding(
            host,
            f"is {name}, which {reason}." if database else f"of {', '.join(owners)} is {name}, which {reason}.",
            "Enter the name in DNS, write an address instead, or give it to the containers with wabiz_extra_hosts.",
            fatal=not reason.startswith("cannot be checked"),
            variable="wabiz_database_host" if database else "wabiz_external_hostname",
        )


def _mounts(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    for path, mounted in report["mounts"].items():
        if not mounted:
            yield Finding(
                host,
                f"wabiz_media_path {path} is not a mount point; media would fill the local disk and stay on this host.",
                "Mount the share, set wabiz_media_source so that role media mounts it, "
                "or set wabiz_media_require_mount: false.",
            )


def _database(cluster: Cluster, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Nodes that are given another database find it empty, and one by one leave the cluster that serves."""
    settings = cluster.variables[host]
    if settings.get("allow_database_change"):
        return
    wanted = {key: settings[f"database_{key}"] for key in ("host", "port", "user", "prefix")}
    wanted["engine"] = _ENGINES[settings["database_engine"]]
    for container in report["containers"]:
        has = container["database"]
        if not (_own(cluster, container) and container["node"] and has):
            continue
        differing = [key for key, value in wanted.items() if value is not None and _plain(has[key]) != _plain(value)]
        lines = [f"wabiz_database_{key} is {wanted[key]}, the container has {has[key] or 'none'}" for key in differing]
        password = settings["database_password"]
        if password is not None and not matches(password, has["password_digest"]):
            lines.append("wabiz_database_password is not the container's")
        if lines:
            yield Finding(
                host,
                f"container {container['name']} uses another database: {'; '.join(lines)}. "
                "A live cluster is not moved to another database by the way.",
                "Set the old values again; or, where the database was moved or its password changed on the server, "
                "run once with wabiz_allow_database_change: true.",
            )


def _plain(value: t.Any) -> str:
    """A value for comparison; of host names case and a trailing dot do not matter."""
    return str(value).lower().rstrip(".")


def _versions(cluster: Cluster, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    wanted = cluster.value("version")
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
        if where in ("local", "registry"):
            continue
        # The engine asks the registry without the credentials that a pull would have.
        unknown = where.startswith("cannot be checked")
        yield Finding(
            host,
            f"image {image} {where}." if unknown else f"image {image} is not available: {where}.",
            "Check wabiz_registry and wabiz_version, and that the hosts trust the registry.",
            fatal=not unknown,
        )
