# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers in what others say, which may be anything; and how several are written."""

from __future__ import annotations

import re
import typing as t

_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def whole(value: t.Any) -> int | None:
    """A whole number, also one that came as text; None for everything else."""
    plain = isinstance(value, (int, str)) and not isinstance(value, bool)
    return int(value) if plain and _WHOLE.fullmatch(str(value)) else None


def ranges(numbers: t.Iterable[int]) -> str:
    """Numbers as people write them: 6250-6253, 9090."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
