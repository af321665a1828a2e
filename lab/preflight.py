# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks whether this machine is large enough, before anything is created."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from lab import caps
from lab.docker import docker
from lab.errors import LabError

MEBIBYTE = 1024 * 1024
MEMORY_PER_HOST = 150 * MEBIBYTE  # an idle engine takes about 100
MEMORY_BASE = 300 * MEBIBYTE
DISK_PER_HOST = 200 * MEBIBYTE
DISK_BASE = 2048 * MEBIBYTE
INOTIFY_PER_HOST = 12  # an idle host holds 8 instances
INOTIFY_BASE = 64
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")


@dataclass(frozen=True)
class Machine:
    """Resources of the machine: bytes of memory and disk, inotify instances, capabilities."""

    memory: int
    disk: int
    inotify: int
    inotify_writable: bool
    capabilities: tuple[str, ...]


def measure() -> Machine:
    """Look at this machine and its engine.

    Raises:
        LabError: the engine does not answer.
    """
    root = Path(docker("info", "--format", "{{.DockerRootDir}}").stdout.strip())
    meminfo = Path("/proc/meminfo").read_text(encoding="utf-8")
    return Machine(
        memory=available_memory(meminfo),
        disk=shutil.disk_usage(root if root.exists() else "/").free,
        inotify=int(INOTIFY.read_text(encoding="utf-8")),
        inotify_writable=is_writable(INOTIFY),
        capabilities=tuple(caps.available()),
    )


def available_memory(meminfo: str) -> int:
    """Bytes of memory available to programs, from the text of /proc/meminfo."""
    return next(int(line.split()[1]) * 1024 for line in meminfo.splitlines() if line.startswith("MemAvailable:"))


def is_writable(path: Path) -> bool:
    """Whether a kernel setting can be changed; opening the file is more reliable than its permission bits."""
    try:
        with path.open("r+b"):
            return True
    except OSError:
        return False


def inotify_needed(hosts: int) -> int:
    """Inotify instances for so many lab hosts and the rest of the machine."""
    return INOTIFY_BASE + INOTIFY_PER_HOST * hosts


def findings(machine: Machine, new: int, total: int) -> list[str]:
    """Missing resources, each with a remedy.

    Args:
        machine: its resources.
        new: hosts to be started.
        total: hosts of all labs on this machine.
    """
    found = []
    memory, disk = MEMORY_BASE + new * MEMORY_PER_HOST, DISK_BASE + new * DISK_PER_HOST
    if new and machine.memory < memory:
        found.append(
            f"memory: {new} more hosts need {memory // MEBIBYTE} MiB, {machine.memory // MEBIBYTE} MiB are available;"
            " use an inventory with fewer hosts or stop other programs"
        )
    if new and machine.disk < disk:
        found.append(
            f"disk: {new} more hosts need {disk // MEBIBYTE} MiB, {machine.disk // MEBIBYTE} MiB are free in Docker's"
            " directory; remove what you do not need"
        )
    if machine.inotify < inotify_needed(total) and not machine.inotify_writable:
        found.append(
            f"kernel: fs.inotify.max_user_instances is {machine.inotify}, {inotify_needed(total)} are needed; as root:"
            f" sysctl fs.inotify.max_user_instances={inotify_needed(total)}"
        )
    missing = [name for name in caps.NEEDED if name not in machine.capabilities]
    if missing:
        found.append(f"capabilities: this machine cannot give {', '.join(missing)} to a container, which hosts need")
    return found


def ensure(new: int, total: int) -> list[str]:
    """Refuse a lab that is too large for this machine, and raise the kernel limit that can be raised.

    Args:
        new: hosts to be started.
        total: hosts of all labs on this machine.

    Returns:
        What was changed on this machine.

    Raises:
        LabError: all missing resources, in one message.
    """
    machine = measure()
    found = findings(machine, new, total)
    if found:
        raise LabError("This machine is too small for the lab:\n" + "\n".join(f"- {finding}" for finding in found))
    needed = inotify_needed(total)
    if machine.inotify >= needed:
        return []
    INOTIFY.write_text(f"{needed}\n", encoding="utf-8")
    return [f"fs.inotify.max_user_instances raised from {machine.inotify} to {needed} until the next boot"]
