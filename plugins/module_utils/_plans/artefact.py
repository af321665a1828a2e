# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a plan, report, status or verification is handed on, as artefacts of a job of AWX. No I/O."""

from __future__ import annotations

import json
import typing as t

# Characters as JSON: AWX gives it to every later job of a workflow as extra variables.
LIMIT = 12000
# Nothing that the output does not show too, and there no secret is.
_WORDS = {"cluster": 48, "state": 12, "line": 200}
_LINES = {"refusals": LIMIT // 5, "text": LIMIT // 2}
_CUT = "The rest is in the job's output."


def artefact(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the lines of C(result) that are shown and what they come to, cut to C(LIMIT) characters of JSON."""
    words = {key: str(result[key])[:most] for key, most in _WORDS.items() if key in result}
    return {**words, **{key: _fitting(list(result[key]), room) for key, room in _LINES.items() if key in result}}


def _fitting(lines: list[str], room: int) -> list[str]:
    """As many of the first lines as there is room for; where one is missing, the last line says where they are."""
    if len(json.dumps(lines)) <= room:
        return lines
    fitting: list[str] = []
    left = room - len(json.dumps([_CUT]))
    for line in lines:
        left -= len(json.dumps(line)) + 2
        if left < 0:
            break
        fitting.append(line)
    return [*fitting, _CUT]
