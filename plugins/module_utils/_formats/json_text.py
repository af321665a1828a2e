# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON from others, which may be anything."""

from __future__ import annotations

import json
import math
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.excerpt import excerpt_of

# The client's own answers stay far below both.
MAXIMUM_DEPTH = 64
MAXIMUM_DIGITS = 30


def decode(text: str) -> Any:
    """Return the value of a JSON text; raises ValueError, with a reason, for one that a module could choke on."""
    try:
        data = json.loads(text, parse_constant=_number, parse_float=_number, parse_int=_number)
    except json.JSONDecodeError:
        raise ValueError(excerpt_of(text) or "it is broken JSON") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return _plain(data, 0)


def _number(text: str) -> float | int:
    """Return a number that stays one in sums and in a module's output."""
    value = float(text)
    if not math.isfinite(value) or abs(value) >= 10**MAXIMUM_DIGITS:
        raise ValueError("it holds an invalid or too large number")
    return int(text) if text.lstrip("-").isdecimal() else value


def _plain(value: Any, depth: int) -> Any:
    """Return a copy without halves of surrogate pairs, which cannot be printed; raises ValueError when too deep."""
    if depth > MAXIMUM_DEPTH:
        raise ValueError("it is nested too deeply")
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_plain(key, depth + 1): _plain(item, depth + 1) for key, item in value.items()}
    return value
