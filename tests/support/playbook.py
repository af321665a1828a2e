"""Run a playbook as a user would, and return its output and its changes.

run = run_playbook("playbooks/site.yml", extra_vars={"wabiz_version": "2.57.2"}, arguments=["--check", "--diff"])
run.succeeded()                       # AssertionError with the failures and the end of the output
assert run.changed == set()           # {(host, resource), ...}
assert run.hosts["core1"].executions <= 12
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.support.cpu import children_cpu
from tests.support.paths import BIN, LAB_INVENTORY, ROOT

# Variables for plays on this machine; interpreter discovery could choose a version manager's shim that does not run.
LOCALLY = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
# A host that cannot be reached: nothing listens on that port.
DEAD = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}

_PLUGINS = Path(__file__).with_name("callback_plugins")


@dataclass(frozen=True)
class Host:
    """The part of a run that concerns one host."""

    executions: int
    actions: dict[str, int]
    changed: frozenset[str]


@dataclass(frozen=True)
class PlaybookRun:
    """The outcome of one ansible-playbook process; times in seconds.

    ``cpu_seconds`` is the CPU time of the process, its workers and their `ssh`, provided that this process waits for no
    other one meanwhile. Masters of shared SSH connections keep running after the run and do not count.
    """

    command: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str
    seconds: float
    census: Mapping[str, Any]
    cpu_seconds: float = 0.0

    @property
    def output(self) -> str:
        """Everything printed, on both streams."""
        return f"{self.stdout}\n{self.stderr}"

    @cached_property
    def hosts(self) -> dict[str, Host]:
        """Executions and changes by inventory name; hosts on which no task ran are missing."""
        found = self.census.get("hosts", {})
        return {name: Host(row["executions"], row["actions"], frozenset(row["changed"])) for name, row in found.items()}

    @property
    def changed(self) -> set[tuple[str, str]]:
        """All (host, resource) pairs that the run changed, or in check mode would change."""
        return {(name, resource) for name, host in self.hosts.items() for resource in host.changed}

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """Ansible's own counters by host: ok, changed, failures, unreachable, skipped, rescued, ignored."""
        return dict(self.census.get("stats", {}))

    @property
    def failures(self) -> list[dict[str, str]]:
        """Failed and unreachable results, each with host, task and msg."""
        return list(self.census.get("failures", []))

    def succeeded(self) -> PlaybookRun:
        """Return itself; otherwise AssertionError with the failures and the end of the output."""
        assert self.returncode == 0, self._message("failed")
        return self

    def failed(self) -> PlaybookRun:
        """Return itself; AssertionError if the playbook succeeded."""
        assert self.returncode != 0, self._message("succeeded, and should have failed")
        return self

    def _message(self, verdict: str) -> str:
        reasons = "\n".join(f"{row['host']}: {row['task']}: {row['msg']}" for row in self.failures)
        return f"{' '.join(self.command)} {verdict} ({self.returncode})\n{reasons}\n{self.output[-6000:]}"


def run_playbook(
    playbook: str | Path,
    *,
    inventory: str | Path | Sequence[str | Path] = LAB_INVENTORY,
    extra_vars: Mapping[str, Any] | None = None,
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    directory: Path = ROOT,
    timeout: float = 1200,
    binaries: Path = BIN,
) -> PlaybookRun:
    """Run a playbook file, or a collection's playbook by its full name, and wait until it has ended.

    Extra variables are passed in a file, never on a command line. ``timeout`` is in seconds;
    subprocess.TimeoutExpired when it passes. ``binaries`` is one of the directories in tests.support.paths.CORES.
    """
    inventories = [inventory] if isinstance(inventory, str | Path) else inventory
    with tempfile.TemporaryDirectory(prefix="wabiz-run-") as scratch:
        census = Path(scratch) / "census.json"
        command = [str(binaries / "ansible-playbook"), str(playbook)]
        for source in inventories:
            command += ["-i", str(source)]
        if extra_vars:
            variables = Path(scratch) / "extra_vars.json"
            variables.touch(mode=0o600)
            variables.write_text(json.dumps(extra_vars), encoding="utf-8")
            command += ["-e", f"@{variables}"]
        command += arguments
        started, computed = time.monotonic(), children_cpu()
        done = subprocess.run(
            command,
            cwd=directory,
            env={**os.environ, **census_environment(census), **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
        seconds, cpu = time.monotonic() - started, children_cpu() - computed
        record = json.loads(census.read_text(encoding="utf-8")) if census.exists() else {}
        return PlaybookRun(tuple(command), done.returncode, done.stdout, done.stderr, seconds, record, cpu)


def census_environment(census: Path) -> dict[str, str]:
    """Return the environment with which any ansible process writes its census to this file."""
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(_PLUGINS),
        "ANSIBLE_CALLBACKS_ENABLED": "task_census",
        "ANSIBLE_NOCOLOR": "1",
        "WABIZ_TASK_CENSUS": str(census),
    }
