# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of Debian that all others are made from: pulled, or built from this machine's apt sources."""

from __future__ import annotations

import io
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab import engine, proc
from lab.docker import docker, image_id, pull
from lab.errors import LabError

SUITE = "bookworm"  # of everything that need not be of another
NAMES = {  # by suite
    "bullseye": "debian:11-slim",
    "bookworm": "debian:12-slim",
    "trixie": "debian:13-slim",
    "sid": "debian:sid-slim",
}
UNRELEASED = "sid"  # has neither updates nor a security archive beside it
INDEX_FORMAT = "$(ORIGIN)|$(LABEL)|$(REPO_URI)|$(COMPONENT)"
KEPT_OPTIONS = (  # the options of the machine's apt configuration that an image needs to reach the same sources
    "Acquire::http::Proxy",
    "Acquire::https::Proxy",
    "Acquire::Check-Valid-Until",
    "Acquire::Check-Date",
)
SLIM_PATHS = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


@dataclass(frozen=True)
class Source:
    """One archive in apt's configuration."""

    uri: str
    security: bool


def ensure(suite: str = SUITE) -> str:
    """Make sure that the base image of a suite exists, and return its origin; every build on it calls this first.

    Raises:
        LabError: it can neither be pulled nor built.
    """
    name = NAMES[suite]
    if image_id(name):
        return f"{name} is there"
    try:
        pull(name)
    except LabError as error:
        build(suite, str(error))
        return f"{name} built from this machine's apt sources"
    return f"{name} pulled"


def parse_sources(index_targets: str) -> list[Source]:
    """The Debian archives in the output of apt-get indextargets (INDEX_FORMAT), without duplicates."""
    found: dict[Source, None] = {}
    for line in index_targets.splitlines():
        origin, label, uri, component = line.split("|")
        if origin == "Debian" and component == "main":
            found[Source(uri, security=label == "Debian-Security")] = None
    return list(found)


def sources_list(sources: list[Source], suite: str = SUITE) -> str:
    """A sources.list of a suite for the given archives."""
    text = ""
    for source in sources:
        parts = [f"{suite}-security"] if source.security else [suite, f"{suite}-updates"]
        parts = [part for part in parts if part == suite or suite != UNRELEASED]
        text += "".join(f"deb {source.uri} {part} main\n" for part in parts)
    return text


def kept_options(apt_config: str) -> list[str]:
    """The lines of apt-config dump that an image needs too."""
    return [line for line in apt_config.splitlines() if line.split(" ", 1)[0] in KEPT_OPTIONS]


def build(suite: str, why: str) -> None:
    """Build the base image of a suite with mmdebstrap.

    Args:
        suite: one of NAMES.
        why: the error of the pull, for the message.

    Raises:
        LabError: mmdebstrap or a Debian source is missing, or it failed.
    """
    name = NAMES[suite]
    try:
        engine.ensure_programs({"mmdebstrap": "mmdebstrap"})
    except LabError as error:
        raise LabError(f"{name} cannot be pulled ({why}), nor built: {error}") from error
    sources = parse_sources(index_targets())
    if not any(not source.security for source in sources):
        raise LabError(f"{name} cannot be pulled ({why}), and apt has no Debian archive here to build it from.")
    with tempfile.TemporaryDirectory(prefix="wabiz-base-") as directory:
        rootfs = Path(directory) / "rootfs.tar"
        mirrors = Path(directory) / "sources.list"
        mirrors.write_text(sources_list(sources, suite), encoding="utf-8")
        options = kept_options(proc.run(["apt-config", "dump"]).stdout)
        proc.run([*mmdebstrap_command(sources, options, suite), str(rootfs), str(mirrors)])
        add_start_policy(rootfs)
        docker("import", "--change", 'CMD ["bash"]', "--change", "LABEL wabiz.lab.base=mmdebstrap", str(rootfs), name)


def mmdebstrap_command(sources: list[Source], options: list[str], suite: str = SUITE) -> list[str]:
    """The mmdebstrap command line up to suite; target and mirror follow."""
    command = ["mmdebstrap", "--variant=minbase", "--format=tar"]
    if any(source.uri.startswith("https:") for source in sources):
        command.append("--include=ca-certificates")
    command += [f"--dpkgopt=path-exclude={path}" for path in SLIM_PATHS]
    command += ["--dpkgopt=force-unsafe-io", '--aptopt=Acquire::Languages "none"']  # as in the published image
    command += [f"--aptopt={option.rstrip(';')}" for option in options]
    return [*command, suite]


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
    with engine.APT:
        text = proc.run(command).stdout
        if not text.strip() and engine.may_install():
            proc.run(["apt-get", "update", "-q"])
            text = proc.run(command).stdout
    return text
