"""The lab's hosts through the local engine, without Ansible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from lab import settings
from lab.docker import docker
from lab.inventory import read
from tests.support.paths import LAB_INVENTORY

LAB = settings.load()
HOSTS = sorted(spec.name for spec in read(LAB_INVENTORY))
CLUSTER = "wabiz"
UNUSED_ADDRESS = "10.77.3.250"

# Everything that a run may leave on a host; what the client itself writes into its volumes does not count.
_LISTING = """
if command -v docker > /dev/null; then
  docker ps --all --no-trunc --format 'container {{.ID}} {{.Names}} {{.State}}' | sort
  docker network ls --no-trunc --format 'network {{.ID}} {{.Name}}' | sort
  docker volume ls --format 'volume {{.Name}}' | sort
fi
find /etc/wabiz /etc/cron.d -exec stat --format 'file %n %a %U:%G %Y' {} + 2> /dev/null | sort
find /etc/wabiz /etc/cron.d -type f -exec sha256sum {} + 2> /dev/null | sort
sort /proc/1/mounts
"""


def on(host: str, *command: str, check: bool = True) -> str:
    """Run a command on a host as root and return its output; LabError if it fails."""
    return docker("exec", LAB.container(host), *command, check=check, timeout=120).stdout.strip()


def shell(host: str, script: str) -> str:
    """Run a shell script on a host as root and return its output."""
    return on(host, "sh", "-c", script)


@contextmanager
def unreachable(host: str) -> Iterator[None]:
    """A host takes no SSH connection, and those that are open have ended."""
    on(host, "systemctl", "stop", "ssh.socket", "ssh.service")
    shell(host, "pkill -KILL sshd || true")
    try:
        yield
    finally:
        on(host, "systemctl", "start", "ssh.service")


def address(host: str) -> str:
    """Return a host's address on the lab's network."""
    template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return docker("inspect", "--format", template, LAB.container(host)).stdout.strip()


def containers(host: str, *filters: str) -> dict[str, str]:
    """Return the short ids of a host's containers, stopped ones included, by name."""
    options = [f"--filter={entry}" for entry in filters]
    lines = on(host, "docker", "ps", "--all", *options, "--format", "{{.Names}} {{.ID}}").splitlines()
    return dict(line.split() for line in lines)


def each(scripts: Mapping[str, str]) -> dict[str, str]:
    """Run one shell script per host, on all hosts at once, and return the output by host."""
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(scripts, pool.map(shell, scripts.keys(), scripts.values()), strict=True))


def everywhere(script: str) -> dict[str, str]:
    """Run a shell script on every host and return the output by host."""
    return each(dict.fromkeys(HOSTS, script))


def listing() -> dict[str, str]:
    """Return containers, networks, volumes, configuration, cron files and mounts of every host."""
    return everywhere(_LISTING)
