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
import shutil
import typing as t
import zlib
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host import kept
from ansible_collections.wabiz.onprem.plugins.module_utils._host.private_file import write_private
from ansible_collections.wabiz.onprem.plugins.module_utils._host.sealing import SUFFIX, SealedFile, unsealed
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_dump import (
    MANIFEST,
    Manifest,
    is_name,
    parse,
    written,
)

_LOCK = ".lock"
_CHUNK = 1 << 20


class Busy(Exception):
    """Another dump or restore is using the directory."""


class PlainFile:
    """A new file with mode 0600 that counts and digests what is written to it."""

    def __init__(self, path: Path) -> None:
        self._digest = hashlib.sha256()
        self._bytes = 0
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def write(self, data: bytes) -> int:
        """Raises OSError."""
        self._digest.update(data)
        self._bytes += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Asked for by what writes through a file."""

    def close(self) -> tuple[int, str]:
        """Length and SHA-256; all of it is on the disk. Raises OSError."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._bytes, self._digest.hexdigest()

    def abandon(self) -> None:
        """Close it, complete or not."""
        self._file.close()


class DumpFile:
    """A file of a dump that is being written, packed where C(pack) says so, encrypted where there is a passphrase."""

    def __init__(self, path: Path, pack: bool, passphrase: str = "") -> None:
        """Raises OSError, SealError."""
        self.path = path.with_name(path.name + SUFFIX) if passphrase else path
        self._sink = SealedFile(self.path, passphrase) if passphrase else PlainFile(self.path)
        # Neither name nor time: the same data make the same file. The fastest level still packs to a few tenths.
        self._packer = gzip.GzipFile("", "wb", 1, t.cast("t.IO[bytes]", self._sink), 0) if pack else None

    def add(self, data: bytes) -> None:
        """Raises OSError, SealError."""
        (self._packer or self._sink).write(data)

    def close(self) -> dict[str, t.Any]:
        """The file's entry in the manifest. Raises OSError, SealError."""
        if self._packer:
            self._packer.close()
        count, sha256 = self._sink.close()
        return {"file": self.path.name, "bytes": count, "sha256": sha256}

    def abandon(self) -> None:
        """Write no more; the file is not complete."""
        self._sink.abandon()


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
        return kept.listed(self.directory, is_name, MANIFEST, parse, "Dump")

    def files(self, name: str) -> list[dict[str, t.Any]]:
        """All files of a dump, its manifest among them, by their names below the directory. Raises OSError."""
        manifest = self.directory / name / MANIFEST
        own = {"file": MANIFEST, "bytes": kept.length(manifest), "sha256": kept.digest(manifest)}
        listed = [own, *parse(manifest.read_text(encoding="utf-8"))["files"]]
        return [{**one, "file": f"{name}/{one['file']}"} for one in listed]

    def strays(self) -> list[Path]:
        """What killed runs have left. Raises OSError."""
        return kept.strays(self.directory)

    def clear(self) -> list[str]:
        """Remove that, and return its names. Raises OSError."""
        strays = self.strays()
        for path in strays:
            shutil.rmtree(path)
        return [path.name for path in strays]

    @contextlib.contextmanager
    def new(self, name: str) -> t.Iterator[Path]:
        """A place for the files of a new dump; nothing stays of it unless it is completed. Raises OSError."""
        place = kept.partial(self.directory, name)
        place.mkdir(mode=0o700)
        try:
            yield place
        finally:
            if place.exists():
                shutil.rmtree(place)

    def complete(self, place: Path, name: str, manifest: Manifest) -> None:
        """Write the manifest and give the dump its name. Raises OSError."""
        write_private(place / MANIFEST, written(manifest))
        kept.sync(place)
        place.rename(self.directory / name)
        kept.sync(self.directory)

    def prune(self, prefix: str, keep: int, made: str) -> list[str]:
        """Remove all dumps of a prefix but the newest, and return their names. Raises OSError.

        C(made) counts as the newest, whatever the clock said when the others were made.
        """
        listed = kept.without_links(self.directory, self.listed()[0]).items()
        others = [name for name, manifest in listed if manifest["prefix"] == prefix and name != made]
        old = others[: max(0, len(others) + 1 - keep)]
        for name in old:
            # Never half a dump under its own name.
            (self.directory / name).rename(kept.partial(self.directory, name))
            shutil.rmtree(kept.partial(self.directory, name))
        return old

    def faults(self, name: str, manifest: Manifest) -> list[str]:
        """The files that do not have the digest of the manifest. Raises OSError."""
        place = self.directory / name
        return [one["file"] for one in manifest["files"] if kept.digest(place / one["file"]) != one["sha256"]]

    def read(self, name: str, file: str, passphrase: str = "") -> t.Iterator[bytes]:
        """A file's content, decrypted and unpacked where that is needed. Raises OSError, EOFError, SealError."""
        path = self.directory / name / file
        if path.suffix == SUFFIX:
            chunks = unsealed(path, passphrase)
            yield from _unpacked(chunks) if path.stem.endswith(".gz") else chunks
            return
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as opened:
            while data := opened.read(_CHUNK):
                yield data

    def free(self) -> int:
        """Bytes that are free where the directory is, or is going to be. Raises OSError."""
        return kept.free(self.directory)


def _unpacked(chunks: t.Iterator[bytes]) -> t.Iterator[bytes]:
    """What gzip packed, out of a stream. Raises EOFError where its end is missing, OSError where it is damaged."""
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        for data in chunks:
            yield unpacker.decompress(data)
    except zlib.error as error:
        raise OSError(f"the file is damaged: {error}") from None
    if not unpacker.eof:
        raise EOFError("the file ends early")
