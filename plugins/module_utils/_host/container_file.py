# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests of files, within a container and on the host."""

from __future__ import annotations

import hashlib
import io
import posixpath
import tarfile
import typing as t
from pathlib import Path
from urllib.parse import quote

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import mapping
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import Engine, EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time
from ansible_collections.wabiz.onprem.plugins.module_utils._host.share import require_answer

# A certificate has a few thousand bytes.
_LARGEST = 1_000_000
_MOST_LINKS = 5


def container_digest(engine: Engine, container: str, path: str) -> dict[str, str]:
    """C(digest) of a text file in a container, running or not; empty where it cannot be read, and C(problem) says why.

    Line breaks at its end count as one, as in the copy that role node keeps.
    """
    try:
        content = _read(engine, container, path)
    except EngineError as error:
        return {"digest": "", "problem": str(error)}
    return {"digest": hashlib.sha256(content.rstrip(b"\r\n") + b"\n").hexdigest(), "problem": ""}


def _read(engine: Engine, container: str, path: str) -> bytes:
    """The file's bytes; the engine packs a link as such, so it is followed here. Raises EngineError."""
    place = f"/containers/{quote(container, safe='')}"
    require_answer(mapping(engine.read(f"{place}/json")))
    for _step in range(_MOST_LINKS):
        asked = f"{place}/archive?path={quote(path, safe='')}"
        content, target = _unpacked(engine.fetch(asked, _LARGEST))
        if content is not None:
            return content
        if not target:
            raise EngineError(f"{path} is not a file")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    raise EngineError(f"{path} is a link to a link, too often")


def _unpacked(archive: bytes) -> tuple[bytes | None, str]:
    """The content of the one file in an archive, or else where the link in it leads. Raises EngineError."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            entry = packed.next()
            file = packed.extractfile(entry) if entry is not None and entry.isreg() else None
            if file is not None:
                return file.read(), ""
            return None, entry.linkname if entry is not None and entry.issym() else ""
    except (tarfile.TarError, EOFError, ValueError, OSError) as error:
        raise EngineError("the engine's archive is not readable") from error


def file_digest(path: str, limit: float) -> str:
    """SHA-256 of a file on the host; empty where there is none, or it cannot be read within C(limit) seconds."""
    try:
        return t.cast(str, in_time(lambda: _digest(Path(path)), limit))
    except NoAnswer:
        return ""


def _digest(path: Path) -> str:
    # Anything else than a file might never end.
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
