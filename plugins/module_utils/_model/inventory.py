# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as the inventory wants it. No I/O."""

from __future__ import annotations

import hashlib
import typing as t
from dataclasses import dataclass, field

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import bracketed, is_address, is_loopback
from ansible_collections.wabiz.onprem.plugins.module_utils._model.container_options import host_ports
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_tls import own_authority
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import IMAGES, place, reference
from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import boot_file, mount_point
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import (
    SERVICES,
    Node,
    Server,
    container_name,
    host_nodes,
)

# Certificates and keys in a cluster's directory on a host, as the roles call them.
_CERTIFICATES = (
    *("webapp-ca.pem", "database-ca.pem", "database-ca.key", "database-tls"),
    *(f"loadbalancer/{name}" for name in ("certificate.pem", "self-made.pem", "self-made.pem.key")),
)
# Without the options of a share or of a volume, which may hold a password.
_MEDIA = ("cluster_name", *map("media_{}".format, ("path", "shared", "source", "fstype", "volume", "volume_before")))
# Options of a container by which it looks names up in another way than its host.
_OWN_DNS = frozenset({"dns_servers", "dns_search_domains", "dns_opts"})


@dataclass
class Inventory:
    """The cluster as it is wanted: hosts by group, typed settings by host (plugins/action/settings.py)."""

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
    # Keeps the lock where no webapp is known.
    first_played: str = ""

    @property
    def name(self) -> str:
        return str(self.value("cluster_name") or "wabiz")

    @property
    def unique_name(self) -> str:
        """For directories that clusters of one name may have in common: on the controller, or where the API is asked.

        Every playbook that makes one of them reads the number.
        """
        keeper = self.variables.get(self.keeper, {})
        told = (self.name, self.number(), self.keeper, str(keeper.get("ansible_host") or ""))
        return f"{self.name}-{hashlib.sha256(' '.join(told).encode()).hexdigest()[:8]}"

    @property
    def hosts(self) -> list[str]:
        return list(dict.fromkeys(host for hosts in self.groups.values() for host in hosts))

    @property
    def node_hosts(self) -> list[str]:
        return list(dict.fromkeys(host for service in SERVICES for host in self.groups.get(service, [])))

    @property
    def media_hosts(self) -> list[str]:
        """Hosts that have the media: those of nodes, and those for which role media is used by itself."""
        return list(dict.fromkeys([*self.node_hosts, *self.groups.get("media", [])]))

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
                self.variables[host].get(f"{service}_ports") or (),
                host_ports(self.published(host, service)),
            )
        ]

    def published(self, host: str, service: str) -> list[str]:
        """Ports that the site publishes for each container of the service in addition, as docker_container has it."""
        options = [self.variables[host].get(key) or {} for key in ("container_options", f"{service}_container_options")]
        return [port for one in options for port in one.get("published_ports") or []]

    def joined_networks(self, host: str) -> list[str]:
        """Networks of the site that the nodes of the host join in addition to the cluster's."""
        return [str(network.get("name")) for network in (self.variables[host].get("networks") or [])[1:]]

    def all_nodes(self) -> list[Node]:
        return [node for service in SERVICES for node in self.nodes(service)]

    def balancers(self) -> list[Node]:
        return self.nodes("loadbalancer")

    def claimants(self) -> list[Node]:
        """All that takes ports of its host; a server with an address of its own is left to the engine."""
        servers = [
            Server(self.name, "database", host, 1, (self.variables[host]["database_port"],))
            for host in self.groups.get("database", [])
            if self.variables[host].get("database_port") and not self.variables[host].get("database_published_address")
        ]
        return [*self.all_nodes(), *self.balancers(), *servers]

    @property
    def balancer_name(self) -> str:
        """Name of a host's balancer, which is no container but named like one."""
        return container_name(self.name, "loadbalancer", 1)

    def balancer_unit(self) -> str:
        """Path of the balancer's systemd unit, as role loadbalancer writes it."""
        return f"/etc/systemd/system/{self.balancer_name}.service"

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
        """The host that keeps what outlives a run: the first one of the webapps, if possible one that runs any."""
        running = (node.host for node in self.nodes("webapp"))
        return next(running, next(iter(self.groups.get("webapp", [])), self.first_played))

    @property
    def administers_database(self) -> bool:
        """Whether the client's user is ours to make and to remove on a server that role database does not run."""
        return bool(self.value("database_admin_user")) and not self.groups.get("database")

    @property
    def database_server(self) -> str:
        """The server of the databases, in words that tell it from another; empty where its address was not read."""
        if self.groups.get("database"):
            return f"{self.groups['database'][0]}, container {self.name}-database"
        address = self.value("database_host")
        return f"{bracketed(str(address))}:{self.value('database_port')}" if address else ""

    @property
    def lock(self) -> str:
        """Path of the cluster's lock on the host that keeps it; a reboot of that host ends what ran there."""
        return f"/run/wabiz-{self.name}.lock"

    @property
    def login(self) -> str:
        """Directory of the login of a registry, on each host while it pulls; a run that was killed leaves it."""
        return f"/run/wabiz-{self.name}-login"

    @property
    def waiting(self) -> str:
        """Name of the container from which a host looks around before a node is started."""
        return f"{self.name}-look"

    @property
    def collected_logs(self) -> str:
        """The directory on a host where its logs are on their way."""
        return f"/var/lib/wabiz-{self.name}-logs"

    def passing(self, host: str) -> list[str]:
        """Where files are while they are moved, as far as the settings that were read say; a killed run leaves them."""
        settings = self.variables[host]
        images = [place(settings["images_directory"], self.name)] if settings.get("images_directory") else []
        backup = [settings["backup_transit"]] if settings.get("backup_transit") else []
        return [*images, self.collected_logs, *backup]

    def unfinished(self, host: str) -> dict[str, str]:
        """Files that are there during a longer operation, and after one that was interrupted."""
        names = {
            "heartbeat": "heartbeat.yml",
            "upgrade": "upgrade.json",
            "rotation": "rotation.json",
            "secrets": "secrets.json",
            "restore": "database-restore.json",
        }
        kept = names if host == self.keeper else {}
        return {what: f"{self.variables[host]['directory']}/{name}" for what, name in kept.items()}

    def restore_note(self, host: str) -> list[str]:
        """The note of a restore of the databases, which says into which server; on the keeper alone."""
        path = self.unfinished(host).get("restore")
        return [path] if path else []

    def log_cleanup(self, host: str) -> dict[str, str]:
        """The files of the job that cleans up the logs of the host's nodes; none where it has no nodes."""
        settings = self.variables[host]
        if host not in self.node_hosts:
            return {}
        return {"schedule": settings["log_cleanup_file"], "result": f"{settings['directory']}/log-cleanup.json"}

    def retired(self, host: str) -> dict[str, str]:
        """What a host that runs nothing of the inventory any more may still have, and what it must not have."""
        if self.services(host) != ["retired"]:
            return {}
        kept = {
            "an upgrade": "upgrade.json",
            "the heartbeat of an upgrade": "heartbeat.yml",
            "a rotation": "rotation.json",
            "a rotation of secrets": "secrets.json",
            "a restore": "database-restore.json",
        }
        directory = self.variables[host]["directory"]
        return {"balancer": self.balancer_unit(), **{what: f"{directory}/{name}" for what, name in kept.items()}}

    def drained(self, host: str) -> dict[str, str]:
        """By container, the file that is there as long as a webapp of the host is taken out of its balancers."""
        directory = self.variables[host]["directory"]
        return {node.name: f"{directory}/{node.name}.drained" for node in self.nodes("webapp") if node.host == host}

    def balancer_socket(self, host: str) -> str:
        """Runtime socket of the host's balancer, as role loadbalancer makes it; empty where it has none."""
        balanced = host in self.groups.get("loadbalancer", [])
        return f"/run/{self.balancer_name}/admin.sock" if balanced else ""

    def tls_files(self, host: str) -> dict[str, str]:
        """By setting, the files of TLS to the database that a site puts on the host."""
        settings = self.variables[host]
        node, server = host in self.node_hosts, host in self.groups.get("database", [])
        keys = (
            *(("database_tls_ca", "database_tls_certificate", "database_tls_key") if node else ()),
            *(("database_tls_server_certificate", "database_tls_server_key") if server else ()),
        )
        return {key: settings[key] for key in keys if settings.get("database_tls") and settings.get(key)}

    def database_authority(self, host: str) -> list[str]:
        """The CA certificate that role database makes, as the hosts of the nodes and the server keep it."""
        settings = self.variables[host]
        made = settings.get("database_tls") and not settings.get("database_tls_ca")
        return [own_authority(settings)] if made and self.groups.get("database") else []

    def self_made(self, host: str) -> dict[str, str]:
        """By part, the certificate that role certificate makes on the host and renews before it ends."""
        given = self.variables[host].get("loadbalancer_certificate") is not None
        found = {part: paths[-1] for part, paths in self.presented(host).items()}
        return {part: path for part, path in found.items() if not (part == "loadbalancer" and given)}

    def presented(self, host: str) -> dict[str, list[str]]:
        """By part, the files that may hold the certificate it presents, in the order in which they count.

        A self-made one stays where a site gives its own later, and not every playbook reads what the site gives.
        """
        directory, found = self.variables[host]["directory"], {}
        if host in self.groups.get("loadbalancer", []):
            found["loadbalancer"] = [f"{directory}/loadbalancer/{name}.pem" for name in ("certificate", "self-made")]
        if host in self.groups.get("database", []) and self.database_authority(host):
            found["database"] = [f"{directory}/database-tls/server.pem"]
        return found

    def files(self, host: str) -> list[str]:
        """What is looked for on a host in addition to containers."""
        unit = [self.balancer_unit()] if host in self.groups.get("loadbalancer", []) else []
        certificate = [self.certificate_authority(host)] if host in self.groups["webapp"] else []
        left = [*self.unfinished(host).values(), *self.drained(host).values(), self.login, self.boot_file]
        given = [*self.certificates(host), *self.tls_files(host).values(), *self.retired(host).values()]
        looked = [*left, *self.passing(host), *self.log_cleanup(host).values(), *given]
        return [*unit, *certificate, *self.stale_records(host), *looked]

    def certificates(self, host: str) -> list[str]:
        """The directory with certificates that the nodes of the host are given; empty where it is none."""
        path = self.variables[host].get("certificates_path")
        return [path] if path and host in self.node_hosts else []

    def saved_files(self, host: str) -> list[str]:
        """Certificates and keys on the host that a backup saves: those that were made here, and those of the site."""
        directory = self.variables[host]["directory"]
        made = [f"{directory}/{name}" for name in _CERTIFICATES]
        return [*made, *self.certificates(host), *self.tls_files(host).values()]

    def services(self, host: str) -> list[str]:
        """What runs on the host; C(retired) only where nothing else does."""
        found = [group for group, hosts in self.groups.items() if host in hosts and group != "retired"]
        return found or ["retired"]

    def images(self, host: str) -> list[str]:
        """The client's images that the host needs; none for a playbook that pulls nothing and does not read both."""
        registry, version = (self.variables[host].get(key) for key in ("registry", "version"))
        needed = [IMAGES[service] for service in SERVICES if host in self.groups[service]]
        return [reference(registry, image, version) for image in dict.fromkeys(needed) if registry and version]

    def wanted_images(self, host: str) -> dict[str, str]:
        """All images that the host needs, with what they are: the client's, and that of role database's server."""
        found = {image: image.rpartition("/")[2].partition(":")[0] for image in self.images(host)}
        settings = self.variables[host]
        # Only who pulls reads both.
        pulls = settings.get("registry") and settings.get("database_images")
        if pulls and host in self.groups["database"]:
            found[settings["database_images"][settings["database_engine"]]] = "database"
        return found

    def media(self, host: str) -> list[str]:
        """Where a host has the shared media, unless it has none or they are in a volume of Docker."""
        path = self.variables[host].get("media_path")
        return [path] if path and host in self.media_hosts else []

    def media_settings(self, host: str) -> dict[str, t.Any]:
        """What a node's host says of its media, as far as it was read: hosts without nodes may say something else."""
        settings = self.variables[host]
        return {key: settings[key] for key in _MEDIA if key in settings}

    def mount_points(self, host: str) -> list[str]:
        """Where a share must be mounted on a host that has the media, so that they are not on its own disk."""
        point = mount_point(self.variables[host]) if host in self.media_hosts else ""
        return [point] if point else []

    def disk_limit(self, host: str) -> tuple[str, float]:
        """The variable that says how much has to be free for Docker on the host, and its GB."""
        settings = self.variables[host]
        # An upgrade's own limit is read by upgrade.yml alone, and counts there.
        own = settings.get("upgrade_minimum_disk_gb") is not None
        key = "upgrade_minimum_disk_gb" if own else "minimum_disk_gb"
        return f"wabiz_{key}", float(settings.get(key) or 0)

    @property
    def boot_file(self) -> str:
        """Path of the file by which Docker waits for the mount, on each host that has one."""
        return boot_file(self.name)

    def address(self, host: str) -> str:
        """The name under which other nodes reach the host."""
        return str(self.variables[host].get("external_hostname") or host)

    def zone(self, host: str) -> str:
        """What fails together with the host, such as a rack; empty where the inventory does not say."""
        return str(self.variables[host].get("zone") or "")

    def names(self, host: str) -> list[str]:
        """Names that containers on the host must be able to look up: the database's, and those of the other nodes.

        The host's own counts only where no other host looks it up: many hosts have it in /etc/hosts too. What
        containers with name servers or search domains of their own can look up, the host cannot tell.
        """
        settings = self.variables[host]
        options = settings.get("container_options") or {}
        if host not in self.node_hosts or settings.get("dns_servers") or _OWN_DNS & options.keys():
            return []
        others = [other for other in self.node_hosts if other != host] or [host]
        named = [str(settings.get("database_host") or ""), *map(self.address, others)]
        given = {name.lower() for name in {**(settings.get("extra_hosts") or {}), **(options.get("etc_hosts") or {})}}
        plain = [name for name in named if name and name.lower() not in given and not is_address(name)]
        return [name for name in dict.fromkeys(plain) if not is_loopback(name)]

    def owns(self, container: t.Mapping[str, t.Any]) -> bool:
        """Whether a container has the cluster's label."""
        return bool(container["cluster"] == self.name)

    def stamp(self, host: str) -> str:
        """Path of the note of what the last run left on the host."""
        return f"{self.variables[host]['directory']}/converged.json"

    def value(self, key: str) -> t.Any:
        """A setting of the whole cluster, from the first host that has it."""
        return next((v[key] for v in self.variables.values() if v.get(key) is not None), None)

    def number(self) -> str:
        """The phone number with its country code, where the inventory names both."""
        parts = [self.value("phone_cc"), self.value("phone_number")]
        return "".join(parts) if all(parts) else ""
