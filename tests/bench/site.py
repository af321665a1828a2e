"""A registered cluster of a given size on the lab, and the cost of site.yml on it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.cli import main as lab_cli
from tests.bench.pairs import Cost
from tests.lab import client
from tests.lab.drifting import recreate
from tests.lab.inventories import Groups, variant
from tests.support.paths import LAB_INVENTORY
from tests.support.playbook import PlaybookRun, run_playbook
from tests.support.waiting import wait_for

COREAPP = "wabiz-coreapp-1"
_LIMIT = 3600.0  # seconds at most for a playbook
# For many nodes that start at once on two processors.
_PATIENT = {"wabiz_ready_timeout": 900, "wabiz_verify_timeout": 900}
_SETTLING = 600.0  # seconds at most until every node answers


@dataclass(frozen=True)
class Site:
    """An inventory with one node on each of its node hosts; ``groups`` says which are webapps, masters, coreapps."""

    inventory: Path
    groups: Mapping[str, tuple[str, ...]]

    @property
    def hosts(self) -> tuple[str, ...]:
        """The node hosts in the order of the vendor's documents."""
        return tuple(host for hosts in self.groups.values() for host in hosts)

    def up(self) -> None:
        """Start the lab's hosts."""
        assert lab_cli(["up", "--inventory", str(self.inventory)]) == 0

    def build(self) -> None:
        """Deploy and register the cluster."""
        self.play("site", **_PATIENT).succeeded()
        self.play("register", **_PATIENT).succeeded()
        self.settle()

    def play(self, verb: str, **more: Any) -> PlaybookRun:
        """Run a playbook as on a controller without open SSH connections; the loop has none either."""
        with tempfile.TemporaryDirectory(prefix="wabiz-ssh-", ignore_cleanup_errors=True) as sockets:
            given = {**more, "ansible_control_path_dir": sockets}
            return run_playbook(f"playbooks/{verb}.yml", inventory=self.inventory, extra_vars=given, timeout=_LIMIT)

    def settle(self) -> None:
        """Wait until every node answers and one coreapp is connected."""
        wait_for("a complete cluster", self._complete, _SETTLING, pause=1)

    def standby(self) -> str:
        """Return the host of a coreapp that is not connected."""
        return next(host for host in self.groups["coreapp"] if host not in client.connected())

    def drift(self, host: str, value: str) -> None:
        """Replace a host's coreapp by one with an additional variable, like a manual change."""
        recreate(host, COREAPP, DRIFT=value)

    def nothing(self) -> Cost:
        """Run site.yml, which must find nothing to do."""
        return self._cost(set())

    def replacement(self, host: str) -> Cost:
        """Run site.yml, which must replace the coreapp of this host and do nothing else."""
        return self._cost({(host, f"container {COREAPP}")})

    def _cost(self, expected: set[tuple[str, str]]) -> Cost:
        run = self.play("site").succeeded()
        assert run.changed == expected
        executions = {name: run.hosts[name].executions if name in run.hosts else 0 for name in self.hosts}
        return Cost(run.seconds, run.cpu_seconds, executions)

    def _complete(self) -> bool:
        nodes = client.nodes()
        count = len(self.groups["master"]) + len(self.groups["coreapp"])
        return len(nodes) == count and not any(node.errors for node in nodes) and len(client.connected()) == 1


def small() -> Site:
    """The lab's own inventory: seven node hosts."""
    groups = {"webapp": ("web1", "web2"), "master": ("master1", "master2"), "coreapp": ("core1", "core2", "core3")}
    return Site(LAB_INVENTORY, groups)


def large() -> Site:
    """Twenty-four node hosts."""
    sizes = {"webapp": ("web", 2), "master": ("master", 3), "coreapp": ("core", 19)}
    groups = {
        group: tuple(f"{name}{number}" for number in range(1, count + 1)) for group, (name, count) in sizes.items()
    }

    def change(found: Groups) -> None:
        found.update({group: {"hosts": {host: {} for host in hosts}} for group, hosts in groups.items()})

    return Site(variant("bench-24", change), groups)
