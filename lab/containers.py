# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers of the lab: the existing ones, and whether they are up to date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from lab.docker import docker, lines
from lab.settings import Settings

LABELS = ("role", "host", "address", "spec")
FIELDS = ("{{.ID}}", "{{.Names}}", "{{.State}}", *(f'{{{{.Label "wabiz.lab.{key}"}}}}' for key in LABELS))
RESUME = {"exited": "start", "paused": "unpause"}  # the command that makes an up-to-date container run again


@dataclass(frozen=True)
class Container:
    """A container of the lab as the engine lists it."""

    id: str
    name: str
    state: str
    role: str
    host: str
    address: str
    spec: str


@dataclass(frozen=True)
class Wanted:
    """The wanted state of a container: role (host or a service's name), host name, address and docker run arguments."""

    role: str
    host: str
    address: str
    image: str
    options: tuple[str, ...]
    command: tuple[str, ...] = ()

    @property
    def spec(self) -> str:
        """A hash that changes with everything that needs a new container."""
        content = json.dumps([self.role, self.host, self.address, self.image, self.options, self.command])
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def existing(settings: Settings) -> dict[str, Container]:
    """All containers of the lab, by host or service name."""
    listed = lines("ps", "--all", "--no-trunc", "--filter", f"label={settings.label}", "--format", "\t".join(FIELDS))
    found = [Container(*line.split("\t")) for line in listed]
    return {container.host: container for container in found}


def hosts_of_other_labs(settings: Settings) -> int:
    """How many hosts other labs run on this machine."""
    labs = lines("ps", "--filter", "label=wabiz.lab.role=host", "--format", '{{.Label "wabiz.lab"}}')
    return sum(lab != settings.name for lab in labs)


def ensure(settings: Settings, wanted: Wanted, found: Container | None) -> bool:
    """Bring one container to its wanted state.

    Args:
        settings: the lab.
        wanted: its wanted state.
        found: the existing container of its name.

    Returns:
        Whether anything was done.

    Raises:
        LabError: the engine reported an error.
    """
    if found is not None and found.spec == wanted.spec:
        if found.state == "running":
            return False
        if found.state in RESUME:
            docker(RESUME[found.state], found.id)
            return True
    if found is not None:
        remove([found])
    docker(
        "run", "--detach", "--name", settings.container(wanted.host), "--hostname", wanted.host,
        "--network", settings.name, "--ip", wanted.address, "--label", settings.label,
        *(f"--label=wabiz.lab.{key}={getattr(wanted, key)}" for key in LABELS),
        *wanted.options, wanted.image, *wanted.command,
    )  # fmt: skip
    return True


def remove(containers: Sequence[Container]) -> None:
    """Remove containers in one command, with their anonymous volumes."""
    if containers:
        docker("rm", "--force", "--volumes", *(container.id for container in containers))
