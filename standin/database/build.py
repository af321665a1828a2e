"""Make the database images under the official names, where the real ones cannot be pulled.

Run as ``python3 -m standin.database.build`` from the root of the repository. An image made here carries labels that say
what it really is; one without them is taken for the real one and left alone.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from lab import base_image
from lab.docker import build, docker, image_id, pull
from lab.errors import LabError

CONTEXT = Path(__file__).resolve().parent
LABEL_CONTENT = "standin.database.content"
LABEL_SERVER = "standin.database.server"


@dataclass(frozen=True)
class Image:
    """One official image, the directory that stands in for it, the server inside and the suite that it is built on."""

    tag: str
    directory: str
    server: str
    suite: str


MARIADB = Image("mysql:8.0.33", "mariadb", "MariaDB 10.11 (Debian 12)", base_image.SUITE)
# What the client does not accept, but the only MySQL that Debian has: the judge of what is MySQL's and not MariaDB's.
MYSQL = Image("mysql:9.7", "mysql", "MySQL 9.7 (Debian sid)", base_image.UNRELEASED)
POSTGRES = Image("postgres:13.8", "postgres", "PostgreSQL 13 (Debian 11)", "bullseye")
IMAGES = (MARIADB, MYSQL, POSTGRES)


def inspect(tag: str, template: str) -> str | None:
    """Return the Go ``template`` of a local image, or None where there is no image of that tag."""
    done = docker("image", "inspect", "--format", template, tag, check=False)
    return None if done.returncode else done.stdout.strip()


def fetch(image: Image) -> bool:
    """Try to pull the real ``image`` where there is none of its tag; say whether that was done."""
    if image_id(image.tag):
        return False
    try:
        pull(image.tag)
    except LabError:
        return False
    return True


def content(image: Image, base: str) -> str:
    """Return a hash of everything that the image is made of: its files, their modes and the ``base`` image's id."""
    digest = hashlib.sha256(f"{base} {image}".encode())
    inside = (path for path in (CONTEXT / image.directory).rglob("*") if path.is_file())
    files = [*sorted(CONTEXT.glob("*.sh")), *sorted(inside)]
    for path in files:
        executable = bool(path.stat().st_mode & 0o100)
        digest.update(f"{path.relative_to(CONTEXT)} {executable} ".encode() + path.read_bytes())
    return digest.hexdigest()


def ensure(image: Image, *, pulling: bool = True) -> str:
    """Make sure that the engine has ``image`` and return what that took: "real", "current", "pulled" or "built".

    Raises LabError when the base image can neither be pulled nor built, or the build fails.
    """
    present = inspect(image.tag, f'{{{{index .Config.Labels "{LABEL_CONTENT}"}}}}')
    if present == "":
        return "real"
    if pulling and fetch(image):
        return "pulled"
    base_image.ensure(image.suite)
    wanted = content(image, image_id(base_image.NAMES[image.suite]) or "")
    if present == wanted:
        return "current"
    labels = {
        LABEL_CONTENT: wanted,
        LABEL_SERVER: image.server,
        "org.opencontainers.image.description": f"{image.server}, standing in for {image.tag}",
    }
    options = [f"--label={key}={value}" for key, value in labels.items()]
    build(image.tag, CONTEXT, f"--file={CONTEXT / image.directory / 'Dockerfile'}", *options)
    return "built"


def main() -> int:
    """Build what is missing or out of date; return the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m standin.database.build", description=__doc__)
    parser.add_argument("--no-pull", action="store_true", help="do not try to pull the real images")
    arguments = parser.parse_args()
    try:
        for image in IMAGES:
            print(f"{image.tag}: {ensure(image, pulling=not arguments.no_pull)}", flush=True)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
