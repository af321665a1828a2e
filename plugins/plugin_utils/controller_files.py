# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the controller that a run needs in its middle or at its end: looked at before anything is done."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Variable


def unusable(host: str, wanted: t.Iterable[Variable], values: t.Mapping[str, t.Any]) -> t.Iterator[Finding]:
    """What is wrong with the files that the settings of a host name."""
    for variable in wanted:
        path = values.get(variable.key)
        problem = _USES[variable.use](Path(path)) if variable.use and path else ""
        if problem:
            yield Finding(
                host, f"is {path}, which {problem} on the controller.", "Correct the path.", variable=variable.name
            )


def _read(path: Path) -> str:
    return "" if path.is_file() and os.access(path, os.R_OK) else "is no file that can be read"


def _write(path: Path) -> str:
    return "is a directory" if path.is_dir() else _directory(path.parent) and "cannot be written"


def _directory(path: Path) -> str:
    return "" if path.is_dir() and os.access(path, os.W_OK | os.X_OK) else "is no directory that can be written to"


_USES: dict[str, t.Callable[[Path], str]] = {"read": _read, "write": _write, "directory": _directory}
