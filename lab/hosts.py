# SPDX-License-Identifier: GPL-3.0-or-later
"""Lab hosts: containers that boot systemd with sshd and, mostly, a Docker engine."""

from __future__ import annotations

import base64
import socket
from collections.abc import Mapping

from lab import caps, images, network, proc
from lab.containers import Container, Wanted, ensure, remove
from lab.docker import docker, inspect
from lab.inventory import HostSpec
from lab.settings import MEDIA_PATH, REGISTRY_NAME, REGISTRY_PORT, Settings

BOOT_TIMEOUT = 180.0  # seconds, for forty hosts at once on a small machine


def media_volume(settings: Settings) -> str:
    """Name of the volume that replaces the file server's export."""
    return f"{settings.name}-media"


def engine_volume(settings: Settings, host: str) -> str:
    """Name of the volume with a host's /var/lib/docker."""
    return f"{settings.name}-{host}-docker"


def ensure_media(settings: Settings) -> None:
    """Create the volume that all hosts share, if it is missing."""
    if not inspect("volume", [media_volume(settings)]):
        docker("volume", "create", "--label", settings.label, media_volume(settings))


def boot_environment(settings: Settings) -> dict[str, str]:
    """The environment of a host at boot; the last one has systemd 256 or later boot with cgroup v1."""
    return {
        "LAB_SSH_KEY": (settings.state / "id_ed25519.pub").read_text(encoding="utf-8").strip(),
        "LAB_DNS": network.service_address(settings.subnet, "dns"),
        "LAB_REGISTRY": f"{REGISTRY_NAME}:{REGISTRY_PORT}",
        "LAB_CA": base64.b64encode((settings.state / "ca.pem").read_bytes()).decode(),
        "SYSTEMD_PROC_CMDLINE": "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1",
    }


def wanted(settings: Settings, host: HostSpec, address: str, image: str, environment: Mapping[str, str]) -> Wanted:
    """The container of one host."""
    options = [f"--cap-add={name}" for name in caps.available()]
    options += [f"--env={name}={value}" for name, value in environment.items()]
    options += [
        "--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined",
        "--security-opt=systempaths=unconfined", "--device-cgroup-rule=a *:* rwm", "--cgroupns=host",
        "--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp:exec", "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw",
        f"--volume={engine_volume(settings, host.name)}:/var/lib/docker",
        f"--volume={media_volume(settings)}:{MEDIA_PATH}",
    ]  # fmt: skip
    return Wanted("host", host.name, address, image, tuple(options))


def image_references(hosts: list[HostSpec]) -> dict[tuple[bool, str], str]:
    """Images for hosts by engine and suite, as needed by these hosts."""
    kinds = sorted({(host.engine, host.suite) for host in hosts})
    return {(engine, suite): images.ensure("host" if engine else "bare", suite) for engine, suite in kinds}


def bring_up(
    settings: Settings, host: HostSpec, container: Wanted, found: Container | None, known_key: str | None
) -> str:
    """Start one host and wait until it answers.

    Args:
        settings: the lab.
        host: the host.
        container: the wanted state of its container.
        found: its existing container.
        known_key: its public host key, if this container was up before; otherwise a stopped container is replaced.

    Returns:
        Its public host key.

    Raises:
        LabError: it does not boot.
    """
    if found is None or found.spec != container.spec or (found.state != "running" and not known_key):
        clear(settings, host.name, found)
        found = None
    changed = ensure(settings, container, found)
    proc.wait_until(lambda: sshd_answers(container.address), f"sshd of {host.name}", timeout=BOOT_TIMEOUT)
    if known_key and not changed:
        return known_key
    services = ["docker"] if host.engine else []
    ready = ["exec", settings.container(host.name), "lab-ready", *services]
    return docker(*ready, timeout=BOOT_TIMEOUT).stdout.strip()


def clear(settings: Settings, host: str, found: Container | None) -> None:
    """Remove a host and create an empty volume for it: a new container is a new server."""
    if found is not None:
        remove([found])
    docker("volume", "rm", "--force", engine_volume(settings, host))
    docker("volume", "create", "--label", settings.label, engine_volume(settings, host))


def sshd_answers(address: str) -> bool:
    """Whether an SSH server greets at this address."""
    try:
        with socket.create_connection((address, 22), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
