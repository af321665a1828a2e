# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH configuration for connections to the hosts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lab.settings import SSH_USER, Settings


def known_keys(settings: Settings, containers: Mapping[str, str]) -> dict[str, str]:
    """Recorded public host keys of containers that are still the same.

    Args:
        settings: the lab.
        containers: identifier of each host's container.
    """
    path = known_hosts(settings)
    keys = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        host, kind, key, identifier = line.split(" ")
        if containers.get(host) == identifier:
            keys[host] = f"{kind} {key}"
    return keys


def known_hosts(settings: Settings) -> Path:
    """File with the hosts' public keys; the comment of each is its container's identifier."""
    return settings.state / "known_hosts"


def known_hosts_text(keys: Mapping[str, str], containers: Mapping[str, str]) -> str:
    """A known_hosts file."""
    return "".join(f"{host} {' '.join(keys[host].split()[:2])} {containers[host]}\n" for host in sorted(keys))


def config_text(settings: Settings, addresses: Mapping[str, str]) -> str:
    """An ssh_config for exactly these hosts; connection sharing is left to Ansible."""
    text = "".join(
        f"Host {host}\n  HostName {address}\n  HostKeyAlias {host}\n" for host, address in sorted(addresses.items())
    )
    return (
        f"{text}Host *\n"
        f"  User {SSH_USER}\n"
        f'  IdentityFile "{settings.state / "id_ed25519"}"\n'
        "  IdentitiesOnly yes\n"
        "  PasswordAuthentication no\n"
        "  StrictHostKeyChecking yes\n"
        f'  UserKnownHostsFile "{known_hosts(settings)}"\n'
        "  GlobalKnownHostsFile /dev/null\n"
        "  UpdateHostKeys no\n"
        "  ServerAliveInterval 5\n"
        "  LogLevel ERROR\n"
    )


def write(
    settings: Settings, addresses: Mapping[str, str], keys: Mapping[str, str], containers: Mapping[str, str]
) -> None:
    """Write ssh_config and known_hosts."""
    known_hosts(settings).write_text(known_hosts_text(keys, containers), encoding="utf-8")
    (settings.state / "ssh_config").write_text(config_text(settings, addresses), encoding="utf-8")
