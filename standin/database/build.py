"""Make the database images under the official names, where the real ones cannot be pulled.

Run as ``python3 -m standin.database.build`` from the root of the repository. An image made here carries labels that say
what it really is; one without them is taken for the real one and left alone.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BASE = "debian:12-slim"
CONTEXT = Path(__file__).resolve().parent
LABEL_CONTENT = "standin.database.content"
LABEL_SERVER = "standin.database.server"
# Longer than the engine's own time-out for a registry that does not answer, shorter than anybody's patience.
PULL_SECONDS = 90


@dataclass(frozen=True)
class Image:
    """One official image, the directory that stands in for it, and the server inside."""

    tag: str
    directory: str
    server: str


IMAGES = (
    Image("mysql:8.0.33", "mysql", "MariaDB 10.11 (Debian 12)"),
    Image("postgres:13.8", "postgres", "PostgreSQL 15 (Debian 12)"),
)


class BuildError(Exception):
    """The engine refused; the text is what it said."""


def docker(*arguments: str, timeout: float | None = None) -> str:
    """Run the Docker client and return its standard output, stripped.

    Raises BuildError when it fails or takes longer than ``timeout`` seconds.
    """
    # The classic builder needs no plugin in the client.
    environment = {**os.environ, "DOCKER_BUILDKIT": "0"}
    try:
        done = subprocess.run(
            ["docker", *arguments], env=environment, timeout=timeout, capture_output=True, text=True, check=True
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"docker {arguments[0]}: no answer in {timeout} s") from None
    except subprocess.CalledProcessError as error:
        raise BuildError(f"docker {arguments[0]}: {error.stderr.strip() or error.stdout.strip()}") from None
    return done.stdout.strip()


def inspect(tag: str, template: str) -> str | None:
    """Return the Go ``template`` of a local image, or None where there is no image of that tag."""
    if not docker("image", "ls", "--quiet", tag):
        return None
    return docker("image", "inspect", "--format", template, tag)


def pull(tag: str) -> bool:
    """Try to pull ``tag``; say whether it is here now."""
    try:
        docker("pull", "--quiet", tag, timeout=PULL_SECONDS)
    except BuildError:
        return False
    return True


def content(image: Image, base: str) -> str:
    """Return a hash of everything that the image is made of: its files, their modes and the ``base`` image's id."""
    digest = hashlib.sha256(f"{base} {image}".encode())
    files = [CONTEXT / "common.sh", *sorted(path for path in (CONTEXT / image.directory).rglob("*") if path.is_file())]
    for path in files:
        executable = bool(path.stat().st_mode & 0o100)
        digest.update(f"{path.relative_to(CONTEXT)} {executable} ".encode() + path.read_bytes())
    return digest.hexdigest()


def ensure(image: Image, *, pulling: bool = True) -> str:
    """Make sure that the engine has ``image`` and return what that took: "real", "current", "pulled" or "built".

    Raises BuildError when the base image is missing or the build fails.
    """
    present = inspect(image.tag, f'{{{{index .Config.Labels "{LABEL_CONTENT}"}}}}')
    if present == "":
        return "real"
    if present is None and pulling and pull(image.tag):
        return "pulled"
    base = inspect(BASE, "{{.Id}}") or (pulling and pull(BASE) and inspect(BASE, "{{.Id}}"))
    if not base:
        raise BuildError(f"no image {BASE}: make it with python3 -m lab base-image")
    wanted = content(image, base)
    if present == wanted:
        return "current"
    labels = {
        LABEL_CONTENT: wanted,
        LABEL_SERVER: image.server,
        "org.opencontainers.image.description": f"{image.server}, standing in for {image.tag}",
    }
    options = [text for key, value in labels.items() for text in ("--label", f"{key}={value}")]
    docker("build", "--tag", image.tag, *options, "--file", str(CONTEXT / image.directory / "Dockerfile"), str(CONTEXT))
    return "built"


def main() -> int:
    """Build what is missing or out of date; return the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m standin.database.build", description=__doc__)
    parser.add_argument("--no-pull", action="store_true", help="do not try to pull the real images")
    arguments = parser.parse_args()
    try:
        for image in IMAGES:
            print(f"{image.tag}: {ensure(image, pulling=not arguments.no_pull)}", flush=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
