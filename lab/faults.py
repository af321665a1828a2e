# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults for tests: a host whose packets are all dropped."""

from __future__ import annotations

from subprocess import CompletedProcess

from lab.containers import existing
from lab.docker import docker
from lab.errors import LabError
from lab.settings import Settings

# Packets of the host and its containers are dropped in both directions, before connection tracking and after routing:
# without a reset, and without a change of addresses and tracked connections.
RULES = (("raw", "PREROUTING", "-i"), ("mangle", "POSTROUTING", "-o"))


def iptables(settings: Settings, host: str, action: str, rule: tuple[str, str, str]) -> CompletedProcess[str]:
    """Check (-C), insert (-I) or delete (-D) one rule in a host."""
    table, chain, direction = rule
    command = ["iptables", "-w", "-t", table, action, chain, direction, "eth0", "-j", "DROP"]
    return docker("exec", settings.container(host), *command, check=False)


def has(settings: Settings, host: str, rule: tuple[str, str, str]) -> bool:
    """Whether a host has a rule."""
    return iptables(settings, host, "-C", rule).returncode == 0


def check(settings: Settings, host: str) -> None:
    """Refuse a host that does not run.

    Raises:
        LabError: it does not.
    """
    found = existing(settings).get(host)
    if found is None or found.role != "host" or found.state != "running":
        raise LabError(f"lab {settings.name} has no running host {host}")


def is_cut(settings: Settings, host: str) -> bool:
    """Whether a host is cut off."""
    return all(has(settings, host, rule) for rule in RULES)


def cut(settings: Settings, host: str) -> None:
    """Cut a host off the lab's network; does nothing if it is cut off already.

    Raises:
        LabError: there is no such running host, or iptables reports an error.
    """
    check(settings, host)
    for rule in RULES:
        if not has(settings, host, rule):
            change(settings, host, "-I", rule)


def reconnect(settings: Settings, host: str) -> None:
    """Reconnect a host to the lab's network; its address is the same.

    Raises:
        LabError: there is no such running host, or iptables reports an error.
    """
    check(settings, host)
    for rule in RULES:
        if has(settings, host, rule):
            change(settings, host, "-D", rule)


def change(settings: Settings, host: str, action: str, rule: tuple[str, str, str]) -> None:
    """Insert or delete one rule in a host.

    Raises:
        LabError: iptables or the engine reported an error.
    """
    done = iptables(settings, host, action, rule)
    if done.returncode:
        raise LabError(f"host {host}: {done.stderr.strip()}")
