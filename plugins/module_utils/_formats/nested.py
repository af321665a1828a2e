# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dictionaries in dictionaries."""

from __future__ import annotations

from typing import Any


def drop_none(value: Any) -> Any:
    """Return a copy without options that were not given, however deep, and without groups that became empty."""
    if not isinstance(value, dict):
        return value
    kept = {key: drop_none(item) for key, item in value.items() if item is not None}
    return {key: item for key, item in kept.items() if item != {} or value[key] == {}}


def flatten(nested: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested dictionaries as one level with dotted paths. Empty groups vanish."""
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        if isinstance(value, dict):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat


def nest(flat: dict[str, Any]) -> dict[str, Any]:
    """Undo C(flatten)."""
    nested: dict[str, Any] = {}
    for path, value in flat.items():
        *groups, last = path.split(".")
        target = nested
        for group in groups:
            target = target.setdefault(group, {})
        target[last] = value
    return nested


def dig(data: Any, *keys: str) -> Any:
    """Return what lies under nested keys, or None where one of them is missing."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data
