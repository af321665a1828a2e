# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of the media, which may be on a share whose server does not answer."""

from __future__ import annotations

import stat
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import dicts, text
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time
from ansible_collections.wabiz.onprem.plugins.module_utils._host.mounts import covering, mount_table
from ansible_collections.wabiz.onprem.plugins.module_utils._host.space import room
from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import PLACE, places


def share(path: str, limit: float) -> dict[str, t.Any]:
    """C(mount) that the path is in, C(modes) by directory, bytes C(free); C(problem) where it does not answer.

    Without the directory there are no modes and no free bytes, and that is no problem.
    """
    found: dict[str, t.Any] = {"path": path, "modes": {}, "free": None, "problem": ""}
    try:
        found.update(in_time(lambda: _seen(path), limit))
    except NoAnswer as error:
        found["problem"] = str(error)
    # Afterwards, as the look has the system mount what it mounts on demand.
    return {**found, "mount": covering(mount_table(), path)}


def require_answer(container: t.Mapping[str, t.Any], limit: float = 5.0) -> None:
    """Raise EngineError where the media of a container, as the engine describes it, do not answer in so many seconds.

    The engine mounts all volumes to pack a file, so it would wait for them itself, and lock the container meanwhile.
    """
    for mount in dicts(container.get("Mounts")):
        source = text(mount.get("Source"))
        if mount.get("Destination") == PLACE and source and (problem := share(source, limit)["problem"]):
            raise EngineError(f"not read, as its media ({source}) do not answer: {problem}")


def _seen(path: str) -> dict[str, t.Any]:
    modes = directory_modes(path)
    return {"modes": modes, "free": room(path) if path in modes else None}


def directory_modes(path: str) -> dict[str, str]:
    """The mode, as C(755), of the directory and of the client's directories in it, as far as there are any.

    Raises OSError where they cannot be looked at. It may never return.
    """
    found = {place: _mode(Path(place)) for place in places(path)}
    return {place: mode for place, mode in found.items() if mode}


def _mode(place: Path) -> str:
    try:
        return f"{stat.S_IMODE(place.stat().st_mode):o}"
    except (FileNotFoundError, NotADirectoryError):
        return ""
