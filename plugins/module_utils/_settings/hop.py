# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a value is part of a rule for jumps between versions. No I/O."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.hops import OWNERSHIP, REFUSAL, WARNING

_EFFECTS = (REFUSAL, WARNING, OWNERSHIP)
_LIMIT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4}){1,2}", re.ASCII)


def fits(field: str, value: t.Any) -> bool:
    """Tell whether the field takes the value; YAML has made 2.5 of a limit 2.50 that is not in quotes."""
    if not isinstance(value, str):
        return False
    if field == "effect":
        return value in _EFFECTS
    return bool(value) if field == "text" else _LIMIT.fullmatch(value) is not None


def meaning(field: str) -> str:
    """Say what the field takes."""
    words = {"effect": f"one of {', '.join(_EFFECTS)}", "text": "one sentence"}
    return words.get(field, 'a version in quotes, for example "2.57.2" or "2.50"')
