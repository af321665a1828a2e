# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of Debian that all others are based on: pulled, or built from this machine's apt sources."""

from __future__ import annotations

import io
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab import engine, proc
from lab.docker import docker, image_id, pull
from lab.errors import LabError

INDEX_FORMAT = "$(ORIGIN)|$(LABEL)|$(REPO_URI)|$(COMPONENT)"
KEPT_OPTIONS = (  # the options of the machine's apt configuration that an image needs to reach the same sources
    "Acquire::http::Proxy",
    "Acquire::https::Proxy",
    "Acquire::Check-Valid-Until",
    "Acquire::Check-Date",
)
SLIM_PATHS = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


@dataclass(frozen=True)
class Base:
    """An image of Debian, and the suite that is in it."""

    name: str
    suite: str


# Nearly all images are based on the first one; the others have a database server that it has not.
STABLE = Base("debian:12-slim", "bookworm")
OLDER = Base("debian:11-slim", "bullseye")
UNSTABLE = Base("debian:sid-slim", "sid")
ALL = (STABLE, OLDER, UNSTABLE)


@dataclass(frozen=True)
class Source:
    """One archive in apt's configuration."""

    uri: str
    security: bool


def ensure(base: Base = STABLE) -> str:
    """Make sure that a base image exists, and return its origin; every build on it calls this first.

    Raises:
        LabError: it can neither be pulled nor built.
    """
    if image_id(base.name):
        return f"{base.name} is there"
    try:
        pull(base.name)
    except LabError as error:
        build(base, str(error))
        return f"{base.name} built from this machine's apt sources"
    return f"{base.name} pulled"


def parse_sources(index_targets: str) -> list[Source]:
    """The Debian archives in the output of apt-get indextargets (INDEX_FORMAT), without duplicates."""
    found: dict[Source, None] = {}
    for line in index_targets.splitlines():
        origin, label, uri, component = line.split("|")
        if origin == "Debian" and component == "main":
            found[Source(uri, security=label == "Debian-Security")] = None
    return list(found)


def sources_list(sources: list[Source], base: Base = STABLE) -> str:
    """A sources.list for the given archives; of another suite a mirror need not have more than the suite itself."""
    text = ""
    for source in sources:
        suites = [base.suite, f"{base.suite}-updates"]
        if base != STABLE:
            suites = [] if source.security else [base.suite]
        elif source.security:
            suites = [f"{base.suite}-security"]
        text += "".join(f"deb {source.uri} {suite} main\n" for suite in suites)
    return text


def kept_options(apt_config: str) -> list[str]:
    """The lines of apt-config dump that an image needs too."""
    return [line for line in apt_config.splitlines() if line.split(" ", 1)[0] in KEPT_OPTIONS]


def build(base: Base, why: str) -> None:
    """Build a base image with mmdebstrap.

    Args:
        base: what is to be built.
        why: the error of the pull, for the message.

    Raises:
        LabError: mmdebstrap or a Debian source is missing, or it failed.
    """
    try:
        engine.ensure_programs({"mmdebstrap": "mmdebstrap"})
    except LabError as error:
        raise LabError(f"{base.name} cannot be pulled ({why}), nor built: {error}") from error
    sources = parse_sources(index_targets())
    if not any(not source.security for source in sources):
        raise LabError(f"{base.name} cannot be pulled ({why}), and apt has no Debian archive here to build it from.")
    with tempfile.TemporaryDirectory(prefix="wabiz-base-") as directory:
        rootfs = Path(directory) / "rootfs.tar"
        mirrors = Path(directory) / "sources.list"
        mirrors.write_text(sources_list(sources, base), encoding="utf-8")
        options = kept_options(proc.run(["apt-config", "dump"]).stdout)
        proc.run([*mmdebstrap_command(sources, options, base), str(rootfs), str(mirrors)])
        add_start_policy(rootfs)
        docker(
            "import", "--change", 'CMD ["bash"]', "--change", "LABEL wabiz.lab.base=mmdebstrap", str(rootfs), base.name
        )


def mmdebstrap_command(sources: list[Source], options: list[str], base: Base = STABLE) -> list[str]:
    """The mmdebstrap command line up to suite; target and mirror follow."""
    command = ["mmdebstrap", "--variant=minbase", "--format=tar"]
    if any(source.uri.startswith("https:") for source in sources):
        command.append("--include=ca-certificates")
    command += [f"--dpkgopt=path-exclude={path}" for path in SLIM_PATHS]
    command += ["--dpkgopt=force-unsafe-io", '--aptopt=Acquire::Languages "none"']  # as in the published image
    command += [f"--aptopt={option.rstrip(';')}" for option in options]
    return [*command, base.suite]


def add_start_policy(rootfs: Path) -> None:
    """Add the policy of the published image: packages start no service while an image is built."""
    script = b"#!/bin/sh\nexit 101\n"
    entry = tarfile.TarInfo("./usr/sbin/policy-rc.d")
    entry.size, entry.mode = len(script), 0o755
    with tarfile.open(rootfs, "a") as archive:
        archive.addfile(entry, io.BytesIO(script))


def index_targets() -> str:
    """apt's package indexes, after an update if there are none yet."""
    command = ["apt-get", "indextargets", "--format", INDEX_FORMAT, "Created-By: Packages"]
    text = proc.run(command).stdout
    if not text.strip() and engine.may_install():
        proc.run(["apt-get", "update", "-q"])
        text = proc.run(command).stdout
    return text
