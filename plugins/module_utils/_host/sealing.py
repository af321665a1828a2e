# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are encrypted while they are written, by the openssl program, and decrypted while they are read.

Encryption alone does not show that a file was changed: whoever reads one compares its SHA-256 first, with that of a
manifest which is authenticated (_model/backup_set.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import tempfile
import threading
import typing as t
from pathlib import Path

SUFFIX = ".enc"
ROUNDS = 600_000
# A newline ends what openssl reads; it reads at most 1024 bytes.
_LONGEST = 500
_CHUNK = 1 << 20


class SealError(Exception):
    """A file cannot be encrypted or decrypted; the text says why and holds no secret."""


def command(*, decrypt: bool, descriptor: int) -> list[str]:
    """The program's call; the passphrase comes through a pipe, so that no list of processes shows it."""
    how = ("-aes-256-cbc", "-pbkdf2", "-iter", str(ROUNDS), "-md", "sha256", "-salt", "-pass", f"fd:{descriptor}")
    return ["openssl", "enc", *(("-d",) if decrypt else ()), *how]


def check(passphrase: str) -> None:
    """Raises SealError for one that openssl would read in part only."""
    if not passphrase or "\n" in passphrase or len(passphrase.encode()) > _LONGEST:
        raise SealError(f"the passphrase is empty, has more than one line or more than {_LONGEST} bytes")


class SealedFile:
    """A new file with mode 0600; what is written to it is encrypted, and what it becomes is counted and digested."""

    def __init__(self, path: Path, passphrase: str) -> None:
        """Raises SealError; OSError where the file exists or cannot be made."""
        check(passphrase)
        self.path = path
        self._digest = hashlib.sha256()
        self._bytes = 0
        self._failure: OSError | None = None
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        # Whatever is opened here is closed by close() or abandon().
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = _start(passphrase, self._errors, decrypt=False, stdin=subprocess.PIPE)
        except SealError:
            self._file.close()
            path.unlink()
            raise
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()

    def write(self, data: bytes) -> int:
        """Raises OSError, SealError."""
        if self._failure:
            raise self._failure
        try:
            t.cast("t.IO[bytes]", self._process.stdin).write(data)
        except BrokenPipeError:
            # Where the disk is full the program was ended meanwhile, and has nothing to say.
            raise self._failure or SealError(self._said()) from None
        return len(data)

    def flush(self) -> None:
        """Asked for by what writes through a file."""

    def close(self) -> tuple[int, str]:
        """Length and SHA-256 of the file; all of it is on the disk. Raises OSError, SealError."""
        try:
            with contextlib.suppress(BrokenPipeError):
                t.cast("t.IO[bytes]", self._process.stdin).close()
            self._reader.join()
            status = self._process.wait()
            if self._failure:
                raise self._failure
            if status:
                raise SealError(self._said())
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self.abandon()
        return self._bytes, self._digest.hexdigest()

    def abandon(self) -> None:
        """End the program and close what is open; the file stays as it is."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        with contextlib.suppress(OSError):
            self._file.close()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _collect(self) -> None:
        """In a thread: what the program prints goes to the file, or the program would wait for its reader."""
        output = t.cast("t.IO[bytes]", self._process.stdout)
        try:
            while data := output.read(_CHUNK):
                self._digest.update(data)
                self._bytes += len(data)
                self._file.write(data)
        except OSError as error:
            self._failure = error
            # It would go on waiting.
            self._process.kill()

    def _said(self) -> str:
        return _told(self._errors)


def unsealed(path: Path, passphrase: str) -> t.Iterator[bytes]:
    """What a file holds. Raises OSError; SealError at its end where another passphrase encrypted it."""
    check(passphrase)
    with path.open("rb") as file, tempfile.TemporaryFile() as errors:
        process = _start(passphrase, errors, decrypt=True, stdin=file)
        output = t.cast("t.IO[bytes]", process.stdout)
        try:
            while data := output.read(_CHUNK):
                yield data
            if process.wait():
                raise SealError(f"{path} cannot be decrypted with this passphrase: {_told(errors)}")
        finally:
            process.kill()
            output.close()
            process.wait()


def _start(passphrase: str, errors: t.IO[bytes], *, decrypt: bool, stdin: t.Any) -> subprocess.Popen[bytes]:
    reading, writing = os.pipe()
    try:
        # Shorter than a pipe holds.
        os.write(writing, f"{passphrase}\n".encode())
        os.close(writing)
        # A module's own run_command() keeps in memory what it reads.
        # pylint: disable-next=ansible-bad-function
        return subprocess.Popen(
            command(decrypt=decrypt, descriptor=reading),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=(reading,),
        )
    except OSError as error:
        raise SealError(f"openssl cannot be run: {error}. Install it (package openssl)") from None
    finally:
        os.close(reading)


def _told(errors: t.IO[bytes]) -> str:
    """The first line of what openssl says; those behind it are places in its source."""
    errors.seek(0)
    lines = [line.strip() for line in errors.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[0] if lines else "openssl ended early"
