# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What directories of dumps and of backups have in common: names that appear when all is written, lengths, digests."""

from __future__ import annotations

import hashlib
import os
import re
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit

Manifest = dict[str, t.Any]

_STRAY = re.compile(r"\.[A-Za-z0-9][A-Za-z0-9._-]*\.partial")
_CHUNK = 1 << 20


def partial(directory: Path, name: str) -> Path:
    """Where something is written before it gets its name, and is moved to before it is removed."""
    return directory / f".{name}.partial"


def strays(directory: Path) -> list[Path]:
    """What killed runs have left. Raises OSError."""
    there = directory.iterdir() if directory.is_dir() else ()
    return sorted(path for path in there if _STRAY.fullmatch(path.name) and path.is_dir() and not path.is_symlink())


def length(path: Path) -> int | None:
    """Bytes of a file; None where it is none. Raises OSError."""
    return path.stat().st_size if path.is_file() and not path.is_symlink() else None


def digest(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            found.update(data)
    return found.hexdigest()


def listed(
    directory: Path, is_name: t.Callable[[str], bool], file: str, parse: t.Callable[[str], Manifest], word: str
) -> tuple[dict[str, Manifest], list[str]]:
    """The manifests of what is complete by name, the oldest first, and a line for each that cannot be used.

    C(file) is the name of a manifest, C(word) what one is called. Raises OSError.
    """
    found: dict[str, Manifest] = {}
    lost: list[str] = []
    for path in sorted(directory.iterdir()) if directory.is_dir() else []:
        try:
            if not (is_name(path.name) and (path / file).is_file()):
                continue
            manifest = parse((path / file).read_text(encoding="utf-8"))
            wrong = wrong_length(path, manifest["files"])
        except (Unfit, UnicodeDecodeError) as error:
            lost.append(f"{word} {path.name} cannot be used: its manifest {error}")
            continue
        except OSError as error:
            # What a disk or a share does not give of one hides no other.
            lost.append(f"{word} {path.name} cannot be used: it cannot be read ({error.strerror}).")
            continue
        if wrong:
            lost.append(f"{word} {path.name} cannot be used: {', '.join(wrong)} is missing or has another length.")
        else:
            found[path.name] = manifest
    return dict(sorted(found.items(), key=lambda item: str(item[1]["created"]))), lost


def without_links(directory: Path, found: t.Mapping[str, Manifest]) -> dict[str, Manifest]:
    """What counts where old ones are removed: a link, such as one to the newest, is a second name, and stays."""
    return {name: manifest for name, manifest in found.items() if not (directory / name).is_symlink()}


def free(directory: Path) -> int:
    """Bytes that are free where the directory is, or is going to be. Raises OSError."""
    place = next(path for path in (directory, *directory.parents) if path.is_dir())
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


def sync(path: Path) -> None:
    """Put a file, or the names in a directory, on the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def wrong_length(directory: Path, files: t.Iterable[t.Mapping[str, t.Any]]) -> list[str]:
    """The files of a manifest that are missing or have another length. Raises OSError."""
    return [one["file"] for one in files if length(directory / one["file"]) != one["bytes"]]
