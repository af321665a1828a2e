# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a log, however long the log is, without much memory and disk."""

from __future__ import annotations

import shutil
import tempfile
import typing as t

_Bytes = t.IO[bytes]


class Tail:
    """Keeps the last bytes of what is written, from the beginning of a line on, in files without a name."""

    def __init__(self, directory: str, limit: int) -> None:
        self._directory, self._limit = directory, limit
        self._older: _Bytes | None = None
        self._file, self._written = self._new(), 0

    def __enter__(self) -> Tail:
        return self

    def __exit__(self, *_error: object) -> None:
        for part in (self._older, self._file):
            if part is not None:
                part.close()

    def _new(self) -> _Bytes:
        return t.cast("_Bytes", tempfile.TemporaryFile(dir=self._directory))

    def write(self, line: bytes) -> None:
        """Add a line. What comes before the last two times the limit is forgotten at once."""
        if self._written >= self._limit:
            if self._older is not None:
                self._older.close()
            self._older, self._file, self._written = self._file, self._new(), 0
        self._written += self._file.write(line)

    def finish(self) -> _Bytes:
        """The end, as a file that the caller closes."""
        whole = self._new()
        for part in (self._older, self._file):
            if part is not None:
                part.seek(0)
                shutil.copyfileobj(part, whole)
        start = whole.tell() - self._limit
        if start > 0:
            # The rest of a line that begins before is left out.
            whole.seek(start - 1)
            whole.readline()
        else:
            whole.seek(0)
        return whole
