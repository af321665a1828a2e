# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an Ansible inventory."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import base_image, proc
from lab.errors import LabError
from lab.settings import REPO

MOST_HOSTS = 40
RELEASES = {"11": "bullseye", "12": "bookworm", "13": "trixie"}
RESERVED = ("dns", "registry", "gateway")  # names of the lab's own containers


@dataclass(frozen=True)
class HostSpec:
    """A host to start: its name, whether it has a Docker engine from the start, and the suite of its Debian."""

    name: str
    engine: bool
    suite: str = base_image.SUITE


def read(path: Path) -> list[HostSpec]:
    """Read an inventory with ansible-inventory.

    Raises:
        LabError: it does not exist, cannot be parsed, or names hosts that a lab cannot have.
    """
    if not path.exists():
        raise LabError(f"inventory {path} does not exist")
    done = proc.run([program(), "-i", str(path), "--list"], env={"ANSIBLE_INVENTORY_UNPARSED_FAILED": "true"})
    return parse(json.loads(done.stdout))


def program() -> str:
    """The ansible-inventory next to this Python, in the checkout's .venv, or on the PATH.

    Raises:
        LabError: there is none.
    """
    for directory in (Path(sys.executable).parent, Path(sys.prefix) / "bin", REPO / ".venv" / "bin"):
        if (directory / "ansible-inventory").exists():
            return str(directory / "ansible-inventory")
    found = shutil.which("ansible-inventory")
    if not found:
        raise LabError("ansible-inventory not found: install the packages of requirements-dev.txt")
    return found


def parse(listing: Mapping[str, Any]) -> list[HostSpec]:
    """The hosts in the output of ansible-inventory --list, by name, without hosts with a local connection.

    Raises:
        LabError: no host, too many, or a name that cannot be used.
    """
    hostvars: Mapping[str, Mapping[str, Any]] = listing.get("_meta", {}).get("hostvars", {})
    named = {host for group, content in listing.items() if group != "_meta" for host in content.get("hosts", [])}
    variables = {name: hostvars.get(name, {}) for name in sorted(named)}
    hosts = [
        HostSpec(name, is_true(values.get("lab_engine", True)), suite(name, values.get("lab_release", 12)))
        for name, values in variables.items()
        if values.get("ansible_connection") != "local"
    ]
    check([host.name for host in hosts])
    return hosts


def suite(host: str, release: object) -> str:
    """The suite of a release of Debian, such as 12.

    Raises:
        LabError: the lab has no hosts of this release.
    """
    if str(release) not in RELEASES:
        raise LabError(f"host {host!r}: lab_release is {release}; a lab has hosts of Debian {', '.join(RELEASES)}")
    return RELEASES[str(release)]


def is_true(value: object) -> bool:
    """An inventory value as a truth value; INI inventories give text."""
    return str(value).lower() not in ("false", "no", "0", "off")


def check(names: list[str]) -> None:
    """Refuse a set of host names that a lab cannot have.

    Raises:
        LabError: with the reason.
    """
    if not 1 <= len(names) <= MOST_HOSTS:
        raise LabError(f"the inventory names {len(names)} hosts; a lab has 1 to {MOST_HOSTS}")
    for name in names:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,40}[a-z0-9])?", name):
            raise LabError(f"host {name!r}: a lab host's name has small letters, digits, hyphens and dots, 42 at most")
        if name in RESERVED:
            raise LabError(f"host {name!r}: the lab needs this name itself")
