# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of a host's logs, masked, as much of each as its share is."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import tempfile
import time
import typing as t
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host import log_readers
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_masking import masked_lines
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_readers import Lines
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_sources import UNREADABLE, Found
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_tail import Tail
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import docker

# As the vendor's document calls the logs of all containers.
DEBUG_OUTPUT = "debug_output.txt"
# What tells of the host as a whole.
_COMMANDS = (("uname", "-a"), ("cat", "/etc/os-release"), ("uptime",), ("free", "-m"), ("df", "-h"), ("timedatectl",))
# What Docker's command is asked.
_ENGINE = (("version",), ("ps", "--all"), ("images", "--digests"), ("system", "df"))

_GROWTH = 1_000_000

_Bytes = t.IO[bytes]


def write(found: Found, path: Path, taken: t.Mapping[str, int], secrets: t.Iterable[str]) -> None:
    """Write what was found; C(taken) is the share of each log. What cannot be read is a problem. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            _Writer(found, archive, taken, {*found.secrets, *secrets}, str(path.parent)).all()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class _Writer:
    def __init__(
        self, found: Found, archive: tarfile.TarFile, taken: t.Mapping[str, int], secrets: set[str], directory: str
    ) -> None:
        self._found, self._archive, self._taken = found, archive, taken
        self._secrets, self._directory = secrets, directory
        # Logs grow: what is taken as a whole is not cut for that.
        whole = {source.name: source.size for source in found.sources if taken[source.name] == source.size}
        self._limits = {**taken, **{name: 2 * size + _GROWTH for name, size in whole.items()}}

    def all(self) -> None:
        self._text("system.txt", self._system())
        for container in self._found.containers:
            said = json.dumps(container.shown, indent=2, sort_keys=True, default=str)
            self._text(f"{container.service}/{container.name}.json", said.splitlines())
        self._streams()
        self._files()
        self._text("problems.txt", self._found.problems)

    def _system(self) -> t.Iterator[str]:
        asked = self._found.asked
        for command in (*_COMMANDS, *(docker(*words, socket=asked.socket) for words in _ENGINE)):
            yield f"$ {' '.join(command)}"
            try:
                lines = log_readers.printed(command, asked.timeout)
                yield from (line.decode("utf-8", "replace").rstrip() for line in lines)
            except UNREADABLE as error:
                yield str(error)

    def _text(self, name: str, lines: t.Iterable[str]) -> None:
        data = b"".join(masked_lines((line.encode() for line in lines), self._secrets))
        self._member(name, len(data), io.BytesIO(data))

    def _streams(self) -> None:
        """Journals and files one by one; logs of containers by service, and all together."""
        with ExitStack() as opened:
            outputs = self._outputs(opened)
            for name, file in outputs.items():
                size = file.tell()
                file.seek(0)
                self._member(name, size, file)

    def _outputs(self, opened: ExitStack) -> dict[str, _Bytes]:
        """What the containers have logged, by service and all together; everything else becomes a member at once."""
        outputs: dict[str, _Bytes] = {}
        for source in self._found.sources:
            if source.read is None:
                continue
            size, content = self._end(source.name, source.read)
            with content:
                if not source.container:
                    self._member(source.name, size, content)
                    continue
                for name in (f"{source.name.partition('/')[0]}/{DEBUG_OUTPUT}", DEBUG_OUTPUT):
                    if name not in outputs:
                        outputs[name] = opened.enter_context(self._opened())
                    outputs[name].write(f"==> {source.container} <==\n".encode())
                    content.seek(0)
                    shutil.copyfileobj(content, outputs[name])
        return outputs

    def _files(self) -> None:
        """The client's own files, where any of a directory is taken."""
        for what, files in self._found.directories():
            if not any(f"/{what}/" in f"/{name}" for name, size in self._taken.items() if size):
                continue
            try:
                for name, entry, lines in files:
                    if self._taken.get(name):
                        size, content = self._end(name, partial(iter, lines))
                        with content:
                            self._member(name, size, content, entry.mtime)
            except UNREADABLE as error:
                self._found.problem(what, error)

    def _end(self, name: str, read: t.Callable[[], Lines]) -> tuple[int, _Bytes]:
        """Size and content of what is taken of a log; only that is masked, as masking takes the longest."""
        with Tail(self._directory, self._limits[name]) as tail:
            try:
                for line in read():
                    tail.write(line)
            except UNREADABLE as error:
                self._found.problem(name, error)
            raw = tail.finish()
        masked = self._opened()
        with raw:
            masked.writelines(masked_lines(raw, self._secrets))
        size = masked.tell()
        masked.seek(0)
        return size, masked

    def _opened(self) -> _Bytes:
        return t.cast("_Bytes", tempfile.TemporaryFile(dir=self._directory))

    def _member(self, name: str, size: int, content: _Bytes, written: float | None = None) -> None:
        entry = tarfile.TarInfo(name.lstrip("/"))
        entry.size, entry.mode, entry.mtime = size, 0o600, int(time.time() if written is None else written)
        self._archive.addfile(entry, content)
