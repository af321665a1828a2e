# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of dumps: each in a directory of its own, whose name it gets when all of it is written."""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import os
import re
import shutil
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._host.private_file import write_private
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_dump import (
    MANIFEST,
    Manifest,
    is_name,
    parse,
    written,
)

_LOCK = ".lock"
_STRAY = re.compile(r"\.[A-Za-z0-9][A-Za-z0-9._-]*\.partial")
_CHUNK = 1 << 20


class Busy(Exception):
    """Another dump or restore is using the directory."""


class DumpFile:
    """A file of a dump that is being written, packed where C(pack) says so; it counts and digests what it becomes."""

    def __init__(self, path: Path, pack: bool) -> None:
        self.path = path
        self._digest = hashlib.sha256()
        self._bytes = 0
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        # Neither name nor time: the same data make the same file. The fastest level still packs to a few tenths.
        self._packer = gzip.GzipFile("", "wb", 1, t.cast("t.IO[bytes]", self), 0) if pack else None

    def add(self, data: bytes) -> None:
        """Raises OSError."""
        if self._packer:
            self._packer.write(data)
        else:
            self.write(data)

    def write(self, data: bytes) -> int:
        """What the packer hands on."""
        self._digest.update(data)
        self._bytes += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Asked for by the packer."""

    def close(self) -> dict[str, t.Any]:
        """The file's entry in the manifest; all of it is on the disk. Raises OSError."""
        if self._packer:
            self._packer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return {"file": self.path.name, "bytes": self._bytes, "sha256": self._digest.hexdigest()}


class Dumps:
    """The dumps in a directory of this host."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @contextlib.contextmanager
    def locked(self) -> t.Iterator[None]:
        """Keep others from the directory, which is made where it is missing. Raises Busy, OSError."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.directory / _LOCK).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(f"another dump or restore is using {self.directory}") from None
            yield

    def listed(self) -> tuple[dict[str, Manifest], list[str]]:
        """The complete dumps by name, the oldest first, and a line for each that cannot be used. Raises OSError."""
        found: dict[str, Manifest] = {}
        lost: list[str] = []
        for path in sorted(self.directory.iterdir()) if self.directory.is_dir() else []:
            if not (is_name(path.name) and (path / MANIFEST).is_file()):
                continue
            try:
                manifest = parse((path / MANIFEST).read_text(encoding="utf-8"))
            except (Unfit, UnicodeDecodeError) as error:
                lost.append(f"Dump {path.name} cannot be used: its manifest {error}")
                continue
            wrong = [one["file"] for one in manifest["files"] if _size(path / one["file"]) != one["bytes"]]
            if wrong:
                lost.append(f"Dump {path.name} cannot be used: {', '.join(wrong)} is missing or has another length.")
            else:
                found[path.name] = manifest
        return dict(sorted(found.items(), key=lambda item: str(item[1]["created"]))), lost

    def strays(self) -> list[Path]:
        """What killed runs have left. Raises OSError."""
        there = self.directory.iterdir() if self.directory.is_dir() else ()
        return sorted(path for path in there if _STRAY.fullmatch(path.name) and path.is_dir() and not path.is_symlink())

    def clear(self) -> list[str]:
        """Remove that, and return its names. Raises OSError."""
        strays = self.strays()
        for path in strays:
            shutil.rmtree(path)
        return [path.name for path in strays]

    @contextlib.contextmanager
    def new(self, name: str) -> t.Iterator[Path]:
        """A place for the files of a new dump; nothing stays of it unless it is completed. Raises OSError."""
        place = self._partial(name)
        place.mkdir(mode=0o700)
        try:
            yield place
        finally:
            if place.exists():
                shutil.rmtree(place)

    def complete(self, place: Path, name: str, manifest: Manifest) -> None:
        """Write the manifest and give the dump its name. Raises OSError."""
        write_private(place / MANIFEST, written(manifest))
        _sync(place)
        place.rename(self.directory / name)
        _sync(self.directory)

    def prune(self, prefix: str, keep: int) -> list[str]:
        """Remove all dumps of a prefix but the newest, and return their names. Raises OSError."""
        ours = [name for name, manifest in self.listed()[0].items() if manifest["prefix"] == prefix]
        old = ours[: max(0, len(ours) - keep)]
        for name in old:
            # Never half a dump under its own name.
            (self.directory / name).rename(self._partial(name))
            shutil.rmtree(self._partial(name))
        return old

    def faults(self, name: str, manifest: Manifest) -> list[str]:
        """The files that do not have the digest of the manifest. Raises OSError."""
        return [
            one["file"] for one in manifest["files"] if _digest(self.directory / name / one["file"]) != one["sha256"]
        ]

    def read(self, name: str, file: str) -> t.Iterator[bytes]:
        """A file's content, unpacked where it is packed. Raises OSError, EOFError."""
        path = self.directory / name / file
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as opened:
            while data := opened.read(_CHUNK):
                yield data

    def free(self) -> int:
        """Bytes that are free where the directory is, or is going to be. Raises OSError."""
        place = next(path for path in (self.directory, *self.directory.parents) if path.is_dir())
        found = os.statvfs(place)
        return found.f_bavail * found.f_frsize

    def _partial(self, name: str) -> Path:
        return self.directory / f".{name}.partial"


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() and not path.is_symlink() else None


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            digest.update(data)
    return digest.hexdigest()


def _sync(directory: Path) -> None:
    """Names last as files do."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
