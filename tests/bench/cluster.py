"""The cluster of the upgrade benchmark: two webapps behind HAProxy, three masters, five coreapps, four shards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.docker import docker
from tests.lab import client
from tests.lab.hosts import LAB, on
from tests.lab.inventories import Groups, variant
from tests.support.playbook import PlaybookRun, run_playbook
from tests.support.waiting import wait_for

OLD, NEW = "2.55.1", "2.57.2"
SHARDS = 4
BALANCER = "lb1"
# In the order of the vendor's upgrade; masters and coreapps share hosts.
HOSTS = {
    "webapp": ["web1", "web2"],
    "master": ["app1", "app2", "app3"],
    "coreapp": ["app1", "app2", "app3", "app4", "app5"],
}
_SEEDING = 3600.0  # seconds at most for the rows
_PLAYING = 3600.0  # seconds at most for a playbook
_SETTLING = 900.0  # seconds at most until every node answers again


def inventory() -> Path:
    """Write the benchmark's inventory and return its path."""

    def change(groups: Groups) -> None:
        groups.clear()
        members = {"database": ["db1"], "loadbalancer": [BALANCER], **HOSTS}
        groups.update({group: {"hosts": {host: {} for host in hosts}} for group, hosts in members.items()})

    return variant("bench-upgrade", change)


@dataclass(frozen=True)
class Cluster:
    """One cluster on the lab that the inventory describes; ``database`` is mysql or postgresql."""

    inventory: Path
    database: str

    def play(self, verb: str, version: str, **more: Any) -> PlaybookRun:
        """Run a playbook for a version; AssertionError if it fails."""
        given = {"wabiz_version": version, "wabiz_database_engine": self.database, **more}
        playbook = f"playbooks/{verb}.yml"
        return run_playbook(playbook, inventory=self.inventory, extra_vars=given, timeout=_PLAYING).succeeded()

    def build(self, rows: int) -> None:
        """Build the cluster of the old version, registered, with all its shards and this many rows in `messages`."""
        self.play("site", OLD)
        self.play("register", OLD)
        self.play("multiconnect", OLD, wabiz_shards=SHARDS)
        seed = ["docker", "exec", "wabiz-coreapp-1", "standinctl", "seed-messages", str(rows)]
        docker("exec", LAB.container(HOSTS["coreapp"][0]), *seed, timeout=_SEEDING)
        wait_for("the cluster", complete, _SETTLING, pause=1)

    def remove(self) -> None:
        """Remove the cluster and its data."""
        self.play("uninstall", OLD, wabiz_uninstall_volumes="wabiz")


def complete() -> bool:
    """Whether every node answers without an error and every shard has its coreapp."""
    nodes = client.nodes()
    if len(nodes) != len(HOSTS["master"]) + len(HOSTS["coreapp"]) or any(node.errors for node in nodes):
        return False
    return sum(node.role == "coreapp" and node.status == "connected" for node in nodes) == SHARDS


def versions() -> set[str]:
    """Return the tags of the images that the client's containers run."""
    listed = [
        on(host, "docker", "ps", "--filter=label=org.wabiz.node", "--format={{.Image}}").split()
        for host in dict.fromkeys(host for hosts in HOSTS.values() for host in hosts)
    ]
    return {image.rpartition(":v")[2] for images in listed for image in images}
