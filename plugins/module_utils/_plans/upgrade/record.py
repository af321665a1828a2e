# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of an interrupted upgrade, out of its file on the host, which may have been cut off or changed by hand."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit

_FIELDS: dict[str, type] = {"version": str, "previous_versions": list, "schema": dict, "schema_versions": list}


def read(text: str | None) -> dict[str, t.Any] | None:
    """What the file holds; None where there is none. Raises Unfit where it is no such record."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(found.get(name), kind) for name, kind in _FIELDS.items()):
        raise Unfit(
            "cannot be read, so it is not known what an upgrade that was interrupted has done.",
            "Restore it; or remove it, and the next plan goes by the versions that run.",
        )
    return found
