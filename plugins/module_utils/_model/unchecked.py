# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inspection of a host could not find out proves nothing."""

from __future__ import annotations

_WORDS = "cannot be checked"


def unchecked(reason: str) -> str:
    """The answer to a question that could not be asked."""
    return f"{_WORDS}: {reason}"


def is_unchecked(answer: str) -> bool:
    """Tell whether an answer is none."""
    return answer.startswith(_WORDS)
