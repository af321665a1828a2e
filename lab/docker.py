# SPDX-License-Identifier: GPL-3.0-or-later
"""The few Docker commands that the lab needs, through the docker program."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from lab import proc

ENVIRONMENT = {"DOCKER_BUILDKIT": "0", "DOCKER_CLI_HINTS": "0"}


def docker(
    *args: str, check: bool = True, timeout: float | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one docker command; the classic builder is asked for because it works without a registry.

    Raises:
        LabError: the command failed while check is set, or took longer than timeout seconds.
    """
    return proc.run(["docker", *args], check=check, timeout=timeout, stdin=stdin, env=ENVIRONMENT)


def lines(*args: str) -> list[str]:
    """The non-empty output lines of a docker command."""
    return [line for line in docker(*args).stdout.splitlines() if line]


def inspect(kind: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Inspect the objects of one kind (container, image, network, volume); those that do not exist are left out."""
    if not names:
        return []
    found: list[dict[str, Any]] = json.loads(docker(kind, "inspect", *names, check=False).stdout or "[]")
    return found


def image_id(reference: str) -> str | None:
    """Identifier of a local image, or None."""
    found = inspect("image", [reference])
    return str(found[0]["Id"]) if found else None
