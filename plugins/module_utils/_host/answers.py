# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what an engine answers: whatever is not of the expected kind is as good as missing."""

from __future__ import annotations

import typing as t


def mapping(value: t.Any) -> dict[str, t.Any]:
    return value if isinstance(value, dict) else {}


def items(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else []


def dicts(value: t.Any) -> list[dict[str, t.Any]]:
    return [item for item in items(value) if isinstance(item, dict)]


def texts(value: t.Any) -> list[str]:
    return [item for item in items(value) if isinstance(item, str)]


def text(value: t.Any) -> str:
    return value if isinstance(value, str) else ""


def number(value: t.Any) -> int:
    return value if isinstance(value, int) else 0
