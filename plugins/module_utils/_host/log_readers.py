# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading logs line by line: of the engine, in containers, from programs and files."""

from __future__ import annotations

import gzip
import io
import os
import struct
import subprocess
import tarfile
import threading
import typing as t
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import dicts, mapping, text, texts
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import AbsentError, Engine, EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_values import masked, secrets_in
from ansible_collections.wabiz.onprem.plugins.module_utils._host.share import require_answer
from ansible_collections.wabiz.onprem.plugins.module_utils._model.labels import CLUSTER, NODE
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import database_container

# Where the client writes its own logs; those that a container does not have are none.
DIRECTORIES = ("/var/log/whatsapp", "/usr/local/waent/logs", "/var/log/lighttpd")
_HEADER = struct.Struct(">BxxxL")
# Of a line that never ends no more is read at once.
_PIECE = 1 << 16

_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

Lines = t.Iterator[bytes]
Entry = tarfile.TarInfo


@dataclass(frozen=True)
class Container:
    """A container of the cluster, with all that the engine says of it."""

    name: str
    service: str
    details: dict[str, t.Any]

    @property
    def secrets(self) -> set[str]:
        """What is never shown, wherever it occurs."""
        config = mapping(self.details.get("Config"))
        parts = {"env": texts(config.get("Env")), "command": texts(config.get("Cmd")), "labels": config.get("Labels")}
        return {secret for name, value in parts.items() for secret in secrets_in(name, value)}

    @property
    def shown(self) -> dict[str, t.Any]:
        """The same without secrets."""
        return t.cast("dict[str, t.Any]", masked("inspect", self.details))


def containers(engine: Engine, cluster: str) -> list[Container]:
    """The cluster's containers, running or not. Raises EngineError."""
    found = []
    for listed in dicts(engine.read("/containers/json?all=1")):
        labels = mapping(listed.get("Labels"))
        if labels.get(CLUSTER) != cluster:
            continue
        try:
            details = mapping(engine.read(f"/containers/{quote(text(listed.get('Id')), safe='')}/json"))
        except AbsentError:
            # Removed since it was listed; the others are there.
            continue
        name = text(details.get("Name")).lstrip("/")
        service = text(labels.get(NODE)) or ("database" if name == database_container(cluster) else "other")
        found.append(Container(name, service, details))
    return sorted(found, key=lambda one: (one.service, one.name))


@contextmanager
def _stream(engine: Engine, path: str) -> t.Iterator[t.Any]:
    answer = engine.stream(path)
    try:
        with closing(answer), io.BufferedReader(t.cast("io.RawIOBase", answer), _PIECE) as buffered:
            yield buffered
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise EngineError(str(error) or type(error).__name__) from error
    finally:
        engine.close()


def container_log(engine: Engine, container: Container, since: int) -> Lines:
    """What a container has written, with times. Raises EngineError, for drivers that keep nothing too."""
    asked = urlencode({"stdout": 1, "stderr": 1, "timestamps": 1, "since": since})
    plain = bool(mapping(container.details.get("Config")).get("Tty"))
    with _stream(engine, f"/containers/{quote(container.name, safe='')}/logs?{asked}") as answer:
        yield from _lines(answer) if plain else split(_frames(answer))


def _lines(answer: t.Any) -> Lines:
    while line := answer.readline(_PIECE):
        yield line


def _frames(answer: t.Any) -> Lines:
    """The pieces of a log without their headers, which say which stream it is and how long."""
    while len(header := answer.read(_HEADER.size)) == _HEADER.size:
        left = _HEADER.unpack(header)[1]
        while left > 0 and (piece := answer.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece


def split(pieces: t.Iterable[bytes]) -> Lines:
    """Pieces as lines."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line + b"\n" for line in lines)
        if len(rest) > _PIECE:
            yield rest + b"\n"
            rest = b""
    if rest:
        yield rest + b"\n"


def files(engine: Engine, container: Container, directory: str, since: int) -> t.Iterator[tuple[Entry, Lines]]:
    """The files of a directory in a container that were written since then, each with its lines, unpacked.

    The lines have to be read before the next file is asked for. Raises EngineError.
    """
    require_answer(container.details)
    asked = f"/containers/{quote(container.name, safe='')}/archive?{urlencode({'path': directory})}"
    with _stream(engine, asked) as answer, tarfile.open(fileobj=answer, mode="r|") as packed:
        for entry in packed:
            content = packed.extractfile(entry) if entry.isreg() and entry.mtime >= since else None
            if content is not None:
                raw = gzip.GzipFile(fileobj=content) if entry.name.endswith(".gz") else content
                yield entry, _lines(raw)


def printed(command: t.Sequence[str], seconds: float) -> Lines:
    """What a program prints, ended after some time. Raises OSError, behind what it has printed until then too."""
    quiet: dict[str, t.Any] = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "env": _ENVIRONMENT}
    late = threading.Event()
    # pylint: disable-next=ansible-bad-function
    with subprocess.Popen(command, stdout=subprocess.PIPE, **quiet) as process:

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, end)
        timer.start()
        try:
            yield from _lines(process.stdout)
        finally:
            timer.cancel()
            process.kill()
    if late.is_set():
        raise OSError(f"{command[0]} was ended after {seconds:g} s, and what it had not printed is missing")


def readable(name: str) -> str:
    """The name of a file as text: bytes that are no text are written as numbers."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def file(path: Path) -> Lines:
    """A file of the host. Raises OSError."""
    with path.open("rb") as opened:
        yield from _lines(opened)
