# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of saved images and its manifest, which says of each file which image it is and how to check it."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._host.private_file import write_private
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import is_archive_of

NAME = "manifest.json"
_FORMAT = 1
_TEXTS = ("image", "id", "content", "created", "expires_on", "architecture", "file", "sha256")
_NUMBERS = ("size", "bytes")
# What a manifest names is read, sent and loaded: nothing outside of its directory, whoever wrote it.
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,250}\.tar")
_SHA256 = re.compile(r"[0-9a-f]{64}")
Entry = dict[str, t.Any]


def entry(given: t.Mapping[str, t.Any]) -> Entry:
    """An image as the manifest holds it. Raises Unfit."""
    found: Entry = {key: given.get(key) for key in (*_TEXTS, *_NUMBERS, "digests")}
    texts = all(isinstance(found[key], str) for key in _TEXTS)
    numbers = all(isinstance(found[key], int) and found[key] >= 0 for key in _NUMBERS)
    digests = isinstance(found["digests"], list) and all(isinstance(one, str) for one in found["digests"])
    fits = texts and numbers and digests and _FILE.fullmatch(found["file"]) and _SHA256.fullmatch(found["sha256"])
    if not (fits and found["image"]):
        raise Unfit("holds an entry that is not complete, or names a file outside.", "Save the images again.")
    return found


def read(directory: Path) -> list[Entry]:
    """The images of an archive; none where there is no manifest. Raises OSError, Unfit."""
    try:
        text = (directory / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise Unfit("is no JSON.", "Save the images again.") from None
    if not isinstance(told, dict) or told.get("format") != _FORMAT or not isinstance(told.get("images"), list):
        raise Unfit("has a form that this version does not know.", "Save the images again.")
    return [entry(one if isinstance(one, dict) else {}) for one in told["images"]]


def usable(directory: Path, images: t.Iterable[Entry]) -> tuple[list[Entry], list[str]]:
    """The images whose file is there in full length, and a line for each other one."""
    found: list[Entry] = []
    lost: list[str] = []
    for one in images:
        path = directory / one["file"]
        size = path.stat().st_size if path.is_file() else None
        if size == one["bytes"]:
            found.append(one)
        else:
            what = "is not there" if size is None else f"has {size} bytes instead of {one['bytes']}"
            lost.append(f"{path} {what}; image {one['image']} cannot be loaded from it.")
    return found, lost


def merged(images: t.Iterable[Entry], new: t.Iterable[Entry]) -> list[Entry]:
    """The manifest's images with new ones in the place of those of the same name."""
    found = {one["image"]: one for one in (*images, *new)}
    return [found[image] for image in sorted(found)]


def write(directory: Path, images: list[Entry]) -> None:
    """Replace the manifest as a whole. Raises OSError."""
    write_private(directory / NAME, json.dumps({"format": _FORMAT, "images": images}, indent=2) + "\n")


def unlisted(directory: Path, images: t.Iterable[Entry]) -> list[Path]:
    """Archives of these images that no entry names: what an interrupted run left, or an image that was replaced.

    Anything else in the directory is somebody's own.
    """
    listed = {one["file"]: one["image"] for one in images}
    others = [path for path in directory.iterdir() if path.is_file() and path.name not in listed]
    return sorted(path for path in others if any(is_archive_of(image, path.name) for image in listed.values()))
