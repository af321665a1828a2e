# SPDX-License-Identifier: GPL-3.0-or-later
"""A table of the lab's hosts and services."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from lab import containers, engine, faults
from lab.containers import Container
from lab.docker import docker
from lab.settings import Settings

HEADER = ("HOST", "ADDRESS", "STATE", "ENGINE", "CONTAINERS", "NETWORK")
ENGINE_FORMAT = "{{.ServerVersion}} {{.ContainersRunning}}/{{.Containers}}"


def row(settings: Settings, container: Container) -> tuple[str, ...]:
    """One line of the table."""
    if container.role != "host" or container.state != "running":
        return (container.host, container.address, container.state, "-", "-", "-")
    done = docker("exec", container.name, "docker", "info", "--format", ENGINE_FORMAT, check=False, timeout=30)
    version, running = done.stdout.split() if done.returncode == 0 else ("none", "-")
    network = "cut" if faults.is_cut(settings, container.host) else "up"
    return (container.host, container.address, container.state, version, running, network)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned text, the header first."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    padded = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return "\n".join("  ".join(row).rstrip() for row in padded)


def show(settings: Settings) -> str:
    """The whole table, or one line if there is no lab."""
    found = containers.existing(settings) if engine.answers() else {}
    if not found:
        return f"lab {settings.name}: nothing is running"
    order = sorted(found.values(), key=lambda container: (container.role == "host", container.host))
    with ThreadPoolExecutor(8) as pool:
        return table([HEADER, *pool.map(lambda container: row(settings, container), order)])
