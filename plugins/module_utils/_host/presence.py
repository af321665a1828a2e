# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which paths are there; one of them may be on a share whose server does not answer."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time


def present(paths: t.Sequence[str], limit: float) -> dict[str, bool]:
    """Whether each path exists; what cannot be looked at, or not within C(limit) seconds, does not."""
    try:
        return _looked(paths, limit)
    except NoAnswer:
        return {path: _one(path, limit) for path in paths}


def _looked(paths: t.Sequence[str], limit: float) -> dict[str, bool]:
    # Not of pathlib, which raises what it does not expect, as a stale handle.
    return t.cast("dict[str, bool]", in_time(lambda: {path: os.path.exists(path) for path in paths}, limit))  # noqa: PTH110


def _one(path: str, limit: float) -> bool:
    try:
        return _looked([path], limit)[path]
    except NoAnswer:
        return False
