# SPDX-License-Identifier: GPL-3.0-or-later
"""The few Docker commands that the lab needs, through the docker program."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab import proc
from lab.errors import LabError

PULL_TIMEOUT = 90.0  # seconds; an unreachable registry must not delay a build
ENVIRONMENT = {"DOCKER_BUILDKIT": "0", "DOCKER_CLI_HINTS": "0"}


def docker(
    *args: str, check: bool = True, timeout: float | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one docker command, with the classic builder, since that works without a registry.

    Raises:
        LabError: the command failed while check is set, or took longer than timeout seconds.
    """
    return proc.run(["docker", *args], check=check, timeout=timeout, stdin=stdin, env=ENVIRONMENT)


def pull(reference: str) -> None:
    """Pull an image.

    Raises:
        LabError: the registry cannot be reached, or does not have it.
    """
    docker("pull", "--quiet", reference, timeout=PULL_TIMEOUT)


def build(reference: str, directory: Path, *options: str) -> None:
    """Build an image from a directory.

    Its steps use this machine's own network, from which the package sources can be reached, whatever the bridge of the
    engine is like.

    Raises:
        LabError: the build failed, or another part of the work has failed before it began.
    """
    if proc.given_up.is_set():
        raise LabError(f"{reference}: given up")
    docker("build", "--tag", reference, "--quiet", "--network=host", *options, str(directory))


def lines(*args: str) -> list[str]:
    """The non-empty output lines of a docker command."""
    return [line for line in docker(*args).stdout.splitlines() if line]


def inspect(kind: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Inspect the objects of one kind (container, image, network, volume); missing ones are omitted."""
    if not names:
        return []
    found: list[dict[str, Any]] = json.loads(docker(kind, "inspect", *names, check=False).stdout or "[]")
    return found


def image_id(reference: str) -> str | None:
    """Identifier of a local image, or None."""
    found = inspect("image", [reference])
    return str(found[0]["Id"]) if found else None
