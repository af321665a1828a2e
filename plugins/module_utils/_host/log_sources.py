# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All logs of a cluster on a host: where they are, how large, and how they are read. Everything is only read."""

from __future__ import annotations

import typing as t
import zlib
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host import log_readers
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import AbsentError, Engine, EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_readers import Container, Lines

UNREADABLE = (EngineError, OSError, EOFError, ValueError, zlib.error)


@dataclass(frozen=True)
class Asked:
    """Of what to collect: see M(wabiz.onprem.host_logs)."""

    cluster: str
    services: t.Sequence[str]
    since: int
    files: t.Sequence[str]
    units: t.Sequence[str]
    socket: str
    timeout: float

    def engine(self) -> Engine:
        """A connection of its own, as each log is read as a stream."""
        return Engine(self.socket, self.timeout)


@dataclass(frozen=True)
class Source:
    """A log by its name in the archive. Files in containers say when they were written, and are read by directory."""

    name: str
    size: int
    read: t.Callable[[], Lines] | None = None
    written: float | None = None
    container: str = ""


@dataclass
class Found:
    """What there is, and what could not be read; C(secrets) are those of all containers of the cluster."""

    asked: Asked
    secrets: set[str] = field(default_factory=set)
    containers: list[Container] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def problem(self, what: str, error: Exception) -> None:
        """Note it, once: what is measured is read again."""
        line = f"{what}: {str(error).strip() or type(error).__name__}"
        if line not in self.problems:
            self.problems.append(line)

    def directories(self) -> t.Iterator[tuple[str, t.Iterator[tuple[str, log_readers.Entry, Lines]]]]:
        """The client's directories in each container, with the files in them by their names in the archive."""
        for container in self.containers:
            for directory in log_readers.DIRECTORIES:
                yield f"{container.name}{directory}", self._files(container, directory)

    def _files(self, container: Container, directory: str) -> t.Iterator[tuple[str, log_readers.Entry, Lines]]:
        for entry, lines in log_readers.files(self.asked.engine(), container, directory, self.asked.since):
            # The engine's archive begins with the directory's own name; what was compressed is kept as text.
            below = log_readers.readable(entry.name.partition("/")[2])
            below = below[: -len(".gz")] if below.endswith(".gz") else below
            yield f"{container.service}/{container.name}{directory}/{below}", entry, lines


def look(asked: Asked) -> Found:
    """Find all logs, and measure them by reading them once."""
    found = Found(asked)
    try:
        present = log_readers.containers(asked.engine(), asked.cluster)
        # Journals and files may quote those of a service whose logs are not asked for.
        found.secrets = {secret for container in present for secret in container.secrets}
        found.containers = [one for one in present if not asked.services or one.service in asked.services]
    except UNREADABLE as error:
        found.problem("containers", error)
    for container in found.containers:
        name = f"{container.service}/{container.name}.log"
        read = partial(_of_container, asked, container)
        _add(found, name, read, container.name)
    for what, files in found.directories():
        _add_files(found, what, files)
    journal = ["journalctl", "--no-pager", "--output=short-iso", f"--since=@{asked.since}"]
    units = [f"--unit={unit}" for unit in asked.units]
    _add(found, "services.log", partial(log_readers.printed, [*journal, *units], asked.timeout))
    _add(found, "kernel.log", partial(log_readers.printed, [*journal, "--dmesg"], asked.timeout))
    for path in sorted(path for pattern in asked.files for path in Path("/").glob(pattern.lstrip("/"))):
        if path.is_file():
            _add(found, f"files{log_readers.readable(str(path))}", partial(log_readers.file, path))
    return found


def _add_files(found: Found, what: str, files: t.Iterator[tuple[str, log_readers.Entry, Lines]]) -> None:
    try:
        found.sources += [Source(name, _length(entry, lines), None, float(entry.mtime)) for name, entry, lines in files]
    except AbsentError:
        # Hardly any container has all of the directories.
        return
    except UNREADABLE as error:
        found.problem(what, error)


def _length(entry: log_readers.Entry, lines: Lines) -> int:
    """Bytes of a file, of one that is compressed as it is kept; where it is damaged that is told when it is taken."""
    if not entry.name.endswith(".gz"):
        return entry.size
    try:
        return sum(map(len, lines))
    except UNREADABLE:
        return entry.size


def _of_container(asked: Asked, container: Container) -> Lines:
    return log_readers.container_log(asked.engine(), container, asked.since)


def _add(found: Found, name: str, read: t.Callable[[], Lines], container: str = "") -> None:
    size = 0
    try:
        for line in read():
            size += len(line)
    except UNREADABLE as error:
        # What was read until then is worth having.
        found.problem(name, error)
    if size:
        found.sources.append(Source(name, size, read, None, container))
