# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own images, rebuilt only if their files or their base change."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lab import base_image
from lab.docker import build, docker, image_id, lines

DIRECTORY = Path(__file__).resolve().parent / "images"
REPOSITORY = "wabiz-lab"
PARENTS = {"bare": None, "host": "bare", "dns": None, "registry": None}


def content_hash(directory: Path, base: str) -> str:
    """Twelve hexadecimal digits that change with any file of a build directory or with the base image's identifier."""
    digest = hashlib.sha256(base.encode())
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"\0{path.relative_to(directory)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:12]


def ensure(name: str, suite: str = base_image.SUITE) -> str:
    """Build an image of the lab unless it exists, and return its reference; its tag begins with the suite.

    Args:
        name: a directory below images/.
        suite: the release of Debian that it is made from.

    Raises:
        LabError: the build failed.
    """
    parent = PARENTS[name]
    if parent is None:
        base_image.ensure(suite)
    base = base_image.NAMES[suite] if parent is None else ensure(parent, suite)
    base_id = image_id(base) or ""
    reference = f"{REPOSITORY}/{name}:{suite}-{content_hash(DIRECTORY / name, base_id)}"
    if image_id(reference) is None:
        build(reference, DIRECTORY / name, f"--build-arg=BASE={base}")
        remove_older(name, reference)
    return reference


def remove_older(name: str, current: str) -> None:
    """Remove older builds of the same suite that are not in use."""
    of_the_suite = current.rpartition("-")[0]
    for reference in lines("images", "--format", "{{.Repository}}:{{.Tag}}", f"{REPOSITORY}/{name}"):
        if reference != current and reference.rpartition("-")[0] == of_the_suite:
            docker("rmi", reference, check=False)
