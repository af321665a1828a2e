# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's images."""

from __future__ import annotations

import re

# By service; masters and coreapps run the same one, as does the container that upgrades the schema.
IMAGES = {"webapp": "web", "master": "coreapp", "coreapp": "coreapp"}
# Many images are called web.
_CLIENT = re.compile(r"(^|/)(coreapp:v?\d|docker\.whatsapp\.biz/web:)")


def tag(version: str) -> str:
    """The end of an image's name."""
    return f":v{version}"


def reference(registry: str, image: str, version: str) -> str:
    """The name by which an image is pulled."""
    return f"{registry}/{image}{tag(version)}"


def place(directory: str, cluster: str) -> str:
    """Where the archives of a cluster's images are on a host while they are moved; a killed run leaves them."""
    return f"{directory}/wabiz-{cluster}-images"


def archive_file(image: str, identity: str) -> str:
    """The archive's file of an image; another image of the same name has another file."""
    return f"{_plain(image)}-{identity.rpartition(':')[2][:12]}.tar"


def is_archive_of(image: str, file: str) -> bool:
    """Whether a file has the form of an image's archive, whole or in part, whatever the image's id."""
    return re.fullmatch(rf"{re.escape(_plain(image))}-[0-9a-f]{{12}}\.tar(\.part)?", file) is not None


def _plain(image: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", image.rpartition("/")[2])


def is_movable(image: str) -> bool:
    """Whether an engine has an image under its name again after it was saved and loaded; a digest is a registry's."""
    return "@" not in image


# What kernels call what images call otherwise.
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "armhf": "arm", "i686": "386", "i386": "386"}


def architecture(machine: str) -> str:
    """An architecture as images name it."""
    return _ARCHITECTURES.get(machine, machine)


def registry_of(image: str) -> str:
    """The registry of an image's name; Docker's own where none is named."""
    first, slash, _rest = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else "docker.io"


def untagged(image: str) -> str:
    """An image's name without its tag; a registry's port is none."""
    path, slash, last = image.rpartition("/")
    return f"{path}{slash}{last.partition('@')[0].partition(':')[0]}"


def is_versioned(name: str) -> bool:
    """Whether a name has the form of the client's images, in whatever registry."""
    last, _colon, version = name.rpartition("/")[2].partition(":")
    return last in IMAGES.values() and re.match(r"v?[0-9]", version) is not None


def version_of(name: str) -> str:
    """The version of the client that an image's name tells; empty where it tells none."""
    last, _colon, version = name.rpartition("/")[2].partition(":")
    found = re.match(r"v?([0-9]+\.[0-9]+\.[0-9]+)(@|$)", version)
    return found[1] if found and last in IMAGES.values() else ""


def is_client(name: str) -> bool:
    """Whether an image is the vendor's by its name alone."""
    return bool(_CLIENT.search(name))
