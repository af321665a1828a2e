# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a host as a stream, which is encrypted on its way to one file: whole, or as a listing."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import stat
import tarfile
import typing as t
from pathlib import Path

_KEPT = 0o7777
# A file before it is complete: one name for a directory, so that the next one replaces what a killed run has left.
_PART = ".wabiz-part"


class Outside(Exception):
    """An archive holds what must not be written: a file outside, a link or a device."""


def found_below(paths: t.Iterable[Path]) -> t.Iterator[Path]:
    """Each of these that is there, and what is below it, directories before their files.

    Links are followed where they are named, not where they are found. What is removed meanwhile is left out, and what a
    killed run has left. Raises OSError where a directory cannot be read.
    """
    yield from _found(paths, Path.stat)


def _found(paths: t.Iterable[Path], look: t.Callable[[Path], os.stat_result]) -> t.Iterator[Path]:
    for path in paths:
        try:
            mode = look(path).st_mode
        except FileNotFoundError:
            continue
        if stat.S_ISREG(mode):
            yield path
        elif stat.S_ISDIR(mode):
            yield path
            try:
                inner = sorted(one for one in path.iterdir() if one.name != _PART)
            except FileNotFoundError:
                continue
            yield from _found(inner, Path.lstat)


def pack(paths: t.Iterable[Path], base: Path, sink: t.IO[bytes]) -> int:
    """Write an archive of these to C(sink), with names below C(base); how many files it holds. Raises OSError.

    A file that grows or shrinks meanwhile has the length that it had at first.
    """
    count = 0
    with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 20, dereference=True) as archive:
        for path in found_below(paths):
            name = str(path.relative_to(base))
            if path.is_dir():
                if name != ".":
                    archive.addfile(archive.gettarinfo(path, name))
                continue
            try:
                file = path.open("rb")
            except FileNotFoundError:
                continue
            with file:
                entry = archive.gettarinfo(arcname=name, fileobj=file)
                # Another name of the same file is a file of its own here.
                entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", os.fstat(file.fileno()).st_size
                archive.addfile(entry, t.cast("t.IO[bytes]", _Whole(file, entry.size)))
                count += 1
    return count


def listing(paths: t.Iterable[Path], base: Path, sink: t.IO[bytes]) -> int:
    """Write a line of JSON for each file to C(sink), packed: name, length, time. How many there are. Raises OSError."""
    count = 0
    with gzip.GzipFile("", "wb", 6, sink, 0) as packed:
        for path in found_below(paths):
            try:
                there = path.stat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(there.st_mode):
                changed = dt.datetime.fromtimestamp(there.st_mtime, dt.timezone.utc).isoformat(timespec="seconds")
                line = {"file": str(path.relative_to(base)), "bytes": there.st_size, "changed": changed}
                packed.write(json.dumps(line).encode() + b"\n")
                count += 1
    return count


def unpack(chunks: t.Iterator[bytes], base: Path, only: t.Sequence[Path], write: bool) -> list[str]:
    """Write the files of an archive below C(base), each as a whole, and return their paths.

    Only files at or below one of C(only) are written; owner, mode and time are those of the archive. Without C(write)
    the archive is only read. Raises Outside before the file in question is written, OSError, tarfile.TarError.
    """
    names: list[str] = []
    source = _Chunks(chunks)
    with tarfile.open(fileobj=t.cast("t.IO[bytes]", source), mode="r|", bufsize=1 << 20) as archive:
        for entry in archive:
            path = _place(entry, base, only)
            if entry.isdir():
                if write and not path.is_dir():
                    path.mkdir(parents=True)
                    _owned(path, entry)
                continue
            names.append(str(path))
            content = archive.extractfile(entry)
            if write and content is not None:
                # A link that was named is the host's own: it stays one, as one above it does.
                _write(path.resolve() if path in only else path, entry, content)
    # The end of the stream shows whether all of it could be decrypted.
    source.drain()
    return names


def _place(entry: tarfile.TarInfo, base: Path, only: t.Sequence[Path]) -> Path:
    if not (entry.isreg() or entry.isdir()):
        raise Outside(f"{entry.name} is neither a file nor a directory")
    name = Path(entry.name)
    if name.is_absolute() or ".." in name.parts:
        raise Outside(f"{entry.name} is outside of {base}")
    path = base / name
    within = any(one == path or one in path.parents for one in only)
    # A directory above is made for what is in it.
    above = entry.isdir() and any(path in one.parents for one in only)
    if not (within or above):
        raise Outside(f"{path} is not among what is restored here")
    # What the host has as a link at or above a named one is its own.
    below = [one for one in path.parents if base in one.parents and not any(one in (own, *own.parents) for own in only)]
    linked = [one for one in below if one.is_symlink()]
    if linked:
        raise Outside(f"{linked[0]} is a link, and {path} would be written behind it")
    return path


def _write(path: Path, entry: tarfile.TarInfo, content: t.IO[bytes]) -> None:
    # One that the archive does not hold; whoever owns it may open it later.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(_PART)
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            while data := content.read(1 << 20):
                file.write(data)
        _owned(part, entry)
        os.utime(part, (entry.mtime, entry.mtime))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _owned(path: Path, entry: tarfile.TarInfo) -> None:
    """Owners by number: names may be others on this host. A share may refuse it, as it may refuse modes."""
    try:
        if os.geteuid() == 0:
            os.chown(path, entry.uid, entry.gid)
        path.chmod(entry.mode & _KEPT)
    except PermissionError:
        pass


class _Whole:
    """A file that has the length that was promised: cut, or filled with zeros, where it changed meanwhile."""

    def __init__(self, file: t.IO[bytes], size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int) -> bytes:
        wanted = min(size, self._left)
        data = self._file.read(wanted)
        self._left -= wanted
        return data + bytes(wanted - len(data))


class _Chunks(io.RawIOBase):
    """What is read of a stream in pieces."""

    def __init__(self, chunks: t.Iterator[bytes]) -> None:
        super().__init__()
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size:
            data = next(self._chunks, b"")
            if not data:
                break
            self._rest += data
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def drain(self) -> None:
        for _data in self._chunks:
            pass
